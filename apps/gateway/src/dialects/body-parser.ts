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

/** What a dialect says about its bodies. */
export interface BodyDescription extends MemberNames {
  /** Its members are what the dialect takes: known options beside them are warned of. */
  schema: z.ZodType<TakenMembers> & { shape: object };
  /** An object in the body with further options, and their names. */
  nestedOptions?: TakenOptions['nested'];
  /** Where the instruction is; `instruction` unless said. */
  instructionField?: string;
  /** Results return the elements of the list as they were sent, not only their texts. */
  returnsElements?: true;
}

/** The parser of a dialect: the list's length, then the schema, then the texts: that they are some, and their lengths. */
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
    const { truncationSide, wantsWhole, warnings } = readBodyOptions(body, taken, valueAt(body, description.listField));
    const request = { ...asked, query: query.value, documents: documents.value, truncationSide };
    const sent = request.returnDocuments ? elementsToReturn(body, description) : undefined;
    return { ok: true, request, sent, warnings, wantsWhole };
  };
}

/** Goes through the texts up to the first that is none or too long, which is the last that is built. */
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

/** A value that passed, or why it did not. */
export type Checked<T> = Result<{ value: T }>;

/** Runs a body through its schema. A wrong type and an impossible value have different codes, hence statuses. */
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
  // A number beyond float64 arrives as Infinity: the right type, only an impossible value.
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

/** Checked before the elements, so that a huge list costs nothing. */
function findWrongCount(body: JsonObject, field: string, limits: RequestLimits): Failure | undefined {
  const list = valueAt(body, field);
  if (!Array.isArray(list)) return undefined;
  if (list.length === 0) return failureOf('invalid_value', `\`${field}\` must hold at least one text.`, { field });
  const limit = limits.maxDocuments;
  if (list.length <= limit) return undefined;
  const message = `\`${field}\` holds ${list.length} texts; at most ${limit} are allowed.`;
  return failureOf('too_many_documents', message, { field, limit });
}

/** The fields by which a failure names its place. */
type TextFields = Pick<BodyDescription, 'queryField' | 'instructionField'>;

/** The query must be a text that is not too long and in which something shows. */
function readQuery(
  { query }: Pick<AskedFor, 'query'>,
  { queryField: field = 'query' }: TextFields,
  { maxTextCharacters: limit }: RequestLimits,
): Checked<string> {
  const text = textOf(query, limit);
  if (!isText(text)) return { ok: false, failure: noText(field, text) };
  if (text.length > limit) return { ok: false, failure: tooLong(field, limit) };
  if (!isBlank(text)) return { ok: true, value: text };
  const message = `\`${field}\` is empty, or holds nothing that shows.`;
  return refused('invalid_value', message, { field });
}

function noText(element: string, { noTextAt }: NoText): Failure {
  const field = `${element}${noTextAt}`;
  const message = `\`${field}\` is no text: images, audio, video, files and parts of an unknown kind cannot be ranked.`;
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
