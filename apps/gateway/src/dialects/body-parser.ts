import type { Failure, Result } from '@rerank-fleet/contract';
import { isBlank } from './blank-text';
import { failureOf, refused } from '../http/failure';
import type { z } from './zod';
import { askedFor, type AskedFor, type MemberNames, type TakenMembers } from './asked-for';
import { readBodyOptions, type TakenOptions } from './body-options';
import { isText, type NoText, type ReadText } from './content-parts';
import type { JsonObject } from '../http/json-object';
import type { Dialect, RequestLimits } from './dialect';
import { documentTexts, textOf } from './document-text';
import { valueAt } from './value-at';

/** The description of a dialect's bodies. */
export interface BodyDescription extends MemberNames {
  /** Its members are what the dialect accepts. A warning reports other known options. */
  schema: z.ZodType<TakenMembers> & { shape: object };
  /** An object in the body with further options, and their names. */
  nestedOptions?: TakenOptions['nested'];
  /** Name of the instruction's member. Default: `instruction`. */
  instructionField?: string;
  /** Results return the elements of the list as received, not only their texts. */
  returnsElements?: true;
}

/**
 * Creates the parser of a dialect. It checks the length of the list, then the schema, then each text and its length.
 */
export function bodyParser(description: BodyDescription): Dialect['parse'] {
  const { schema, nestedOptions: nested } = description;
  const taken: TakenOptions = { members: Object.keys(schema.shape), ...(nested && { nested }) };
  return (body, limits) => {
    const countFailure = findWrongCount(body, description.listField, limits);
    if (countFailure) return { ok: false, failure: countFailure };
    const checked = validate(schema, body);
    if (!checked.ok) return checked;
    const { rankFields, ...asked } = askedFor(checked.value, description);
    const query = readQuery(asked, description, limits);
    if (!query.ok) return query;
    const failure = findLongInstruction(asked, description, limits);
    if (failure) return { ok: false, failure };
    const rules = { rankFields, maxCharacters: limits.maxTextCharacters };
    const documents = collectTexts(documentTexts(asked.documents, rules), description.listField, limits);
    if (!documents.ok) return documents;
    const { truncationSide, noCutOption, warnings } = readBodyOptions(
      body,
      taken,
      valueAt(body, description.listField),
    );
    const request = { ...asked, query: query.value, documents: documents.value, truncationSide };
    const sent = request.returnDocuments ? elementsToReturn(body, description) : undefined;
    return { ok: true, request, sent, warnings, noCutOption };
  };
}

/** Checks the texts one by one. The first that is not a text or too long is the last that is built. */
function collectTexts(
  texts: Iterable<ReadText>,
  listField: string,
  { maxTextCharacters: limit }: RequestLimits,
): Checked<string[]> {
  const collected: string[] = [];
  for (const text of texts) {
    const element = `${listField}[${collected.length}]`;
    if (!isText(text)) return { ok: false, failure: noText(element, text) };
    if (text.length > limit) return { ok: false, failure: tooLong(element, limit) };
    collected.push(text);
  }
  return { ok: true, value: collected };
}

function elementsToReturn(
  body: JsonObject,
  { listField, returnsElements }: Pick<BodyDescription, 'listField' | 'returnsElements'>,
): readonly unknown[] | undefined {
  const list = returnsElements ? valueAt(body, listField) : undefined;
  return Array.isArray(list) ? list : undefined;
}

/** A valid value, or the reason for its refusal. */
export type Checked<T> = Result<{ value: T }>;

/**
 * Validates a body by its schema. A wrong type and an impossible value get different codes, and so different statuses.
 */
export function validate<T>(schema: z.ZodType<T>, body: JsonObject): Checked<T> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  return {
    ok: false,
    failure: issue ? failureOfIssue(issue, body) : failureOf('invalid_value', 'The body is not valid.'),
  };
}

function failureOfIssue(issue: z.core.$ZodIssue, body: JsonObject): Failure {
  const field = fieldName(issue.path);
  const value = valueAt(body, issue.path);
  if (value === undefined) return failureOf('invalid_type', `\`${field}\` is missing.`, { field });
  return failureOf(isWrongType(issue, value) ? 'invalid_type' : 'invalid_value', `\`${field}\` ${issue.message}.`, {
    field,
    ...(issue.code === 'too_big' && { limit: Number(issue.maximum) }),
  });
}

function isWrongType(issue: z.core.$ZodIssue, value: unknown): boolean {
  if (issue.code === 'invalid_union') return true;
  // A number beyond float64 is parsed as Infinity: the type is right, the value is impossible.
  const isInfinity = typeof value === 'number' && issue.code === 'invalid_type' && issue.expected === 'number';
  return issue.code === 'invalid_type' && !isInfinity;
}

/** `documents`, `documents[3]`, `query.text`. */
function fieldName(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, key) => (typeof key === 'number' ? `${name}[${key}]` : name === '' ? String(key) : `${name}.${String(key)}`),
    '',
  );
}

/** Checked before the elements, so that an oversized list costs nothing. */
function findWrongCount(body: JsonObject, field: string, limits: RequestLimits): Failure | undefined {
  const list = valueAt(body, field);
  if (!Array.isArray(list)) return undefined;
  if (list.length === 0) return failureOf('invalid_value', `\`${field}\` must have at least one text.`, { field });
  const limit = limits.maxDocuments;
  if (list.length <= limit) return undefined;
  const message = `\`${field}\` has ${list.length} texts; the limit is ${limit}.`;
  return failureOf('too_many_documents', message, { field, limit });
}

/** The members that a failure can name. */
type TextFields = Pick<BodyDescription, 'queryField' | 'instructionField'>;

/** Reads the query. It must be a text with a visible character and within the length limit. */
function readQuery(
  { query }: Pick<AskedFor, 'query'>,
  { queryField: field = 'query' }: TextFields,
  { maxTextCharacters: limit }: RequestLimits,
): Checked<string> {
  const text = textOf(query, limit);
  if (!isText(text)) return { ok: false, failure: noText(field, text) };
  if (text.length > limit) return { ok: false, failure: tooLong(field, limit) };
  if (!isBlank(text)) return { ok: true, value: text };
  const message = `\`${field}\` is empty or has no visible characters.`;
  return refused('invalid_value', message, { field });
}

function noText(element: string, { noTextAt }: NoText): Failure {
  const field = `${element}${noTextAt}`;
  const message = `\`${field}\` is not text: images, audio, video, files and parts of an unknown kind cannot be ranked.`;
  return failureOf('invalid_value', message, { field });
}

function findLongInstruction(
  { instruction }: Pick<AskedFor, 'instruction'>,
  { instructionField: field = 'instruction' }: TextFields,
  { maxTextCharacters: limit }: RequestLimits,
): Failure | undefined {
  return instruction !== undefined && instruction.length > limit ? tooLong(field, limit) : undefined;
}

function tooLong(field: string, limit: number): Failure {
  return failureOf('invalid_value', `\`${field}\` is longer than ${limit} characters.`, { field, limit });
}
