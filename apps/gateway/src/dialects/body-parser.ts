import type { Failure, RerankRequest } from '@rerank-fleet/contract';
import { failureOf } from '../failure';
import type { z } from '../zod';
import type { Dialect, JsonObject, RequestLimits } from './dialect';

/** What a dialect says about its bodies. */
export interface BodyDescription<T> {
  schema: z.ZodType<T>;
  /** The member that holds the texts, with dots where it lies deeper: `documents`, `input.documents`. */
  listField: string;
  /** Where the query is; `query` unless said. */
  queryField?: string;
  /** Where the instruction is; `instruction` unless said. */
  instructionField?: string;
  /** Results return the elements of the list as they were sent, not only their texts. */
  returnsElements?: true;
  /** The documents may be built while they are gone through: nobody does so past the first that is too long. */
  toRequest(body: T, limits: RequestLimits): AskedFor;
}

/** What a body asks for; what it leaves out, or what its dialect does not know, is {@link unasked}. */
export type AskedFor = Pick<RerankRequest, 'model' | 'query'> &
  Partial<Omit<RerankRequest, 'documents'>> & { documents: Iterable<string> };

const unasked: Omit<RerankRequest, 'model' | 'query' | 'documents'> = {
  instruction: undefined,
  topN: undefined,
  returnDocuments: false,
  rawScores: false,
  returnTokens: false,
  maxTokensPerDocument: undefined,
  priority: 0,
};

/** The parser of a dialect: the list's length, then the schema, then the lengths of the texts. */
export function bodyParser<T>(description: BodyDescription<T>): Dialect['parse'] {
  return (body, limits) => {
    const countFailure = findWrongCount(body, description.listField, limits);
    if (countFailure) return { ok: false, failure: countFailure };
    const checked = validate(description.schema, body);
    if (!checked.ok) return checked;
    const asked = description.toRequest(checked.value, limits);
    const failure = findTooLongText(asked, description, limits);
    if (failure) return { ok: false, failure };
    const documents = collectTexts(asked.documents, description.listField, limits);
    if (!documents.ok) return documents;
    const request = { ...unasked, ...asked, documents: documents.value };
    return { ok: true, request, sent: request.returnDocuments ? elementsToReturn(body, description) : undefined };
  };
}

/** Goes through the texts up to the first that is too long, which may be the last that is built. */
function collectTexts(
  texts: Iterable<string>,
  listField: string,
  { maxTextCharacters: limit }: RequestLimits,
): Checked<string[]> {
  const collected: string[] = [];
  for (const text of texts) {
    if (text.length > limit) return { ok: false, failure: tooLong(`${listField}[${collected.length}]`, limit) };
    collected.push(text);
  }
  return { ok: true, value: collected };
}

function elementsToReturn(
  body: JsonObject,
  { listField, returnsElements }: Pick<BodyDescription<unknown>, 'listField' | 'returnsElements'>,
): readonly unknown[] | undefined {
  const list = returnsElements ? valueAt(body, listField.split('.')) : undefined;
  return Array.isArray(list) ? list : undefined;
}

/** A value that passed, or why it did not. */
export type Checked<T> = { ok: true; value: T } | { ok: false; failure: Failure };

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

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    body,
  );
}

/** Checked before the elements, so that a huge list costs nothing. */
function findWrongCount(body: JsonObject, field: string, limits: RequestLimits): Failure | undefined {
  const list = valueAt(body, field.split('.'));
  if (!Array.isArray(list)) return undefined;
  if (list.length === 0) return failureOf('invalid_value', `\`${field}\` must hold at least one text.`, { field });
  const limit = limits.maxDocuments;
  if (list.length <= limit) return undefined;
  const message = `\`${field}\` holds ${list.length} texts; at most ${limit} are allowed.`;
  return failureOf('too_many_documents', message, { field, limit });
}

/** The fields by which a failure names its place. */
type TextFields = Pick<BodyDescription<unknown>, 'queryField' | 'instructionField'>;

function findTooLongText(
  { query, instruction = '' }: Pick<AskedFor, 'query' | 'instruction'>,
  { queryField = 'query', instructionField = 'instruction' }: TextFields,
  { maxTextCharacters: limit }: RequestLimits,
): Failure | undefined {
  if (query.length > limit) return tooLong(queryField, limit);
  return instruction.length > limit ? tooLong(instructionField, limit) : undefined;
}

function tooLong(field: string, limit: number): Failure {
  return failureOf('invalid_value', `\`${field}\` is longer than ${limit} characters.`, { field, limit });
}
