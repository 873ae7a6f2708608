import type { Failure } from '@rerank-fleet/contract';
import { failureOf, refused } from '../failure';
import type { z } from '../zod';
import type { JsonObject, RequestLimits } from './dialect';

/** A value that passed, or why it did not. */
export type Checked<T> = { ok: true; value: T } | { ok: false; failure: Failure };

/** Runs a body through its schema. A wrong type and an impossible value have different codes, hence statuses. */
export function validate<T>(schema: z.ZodType<T>, body: JsonObject): Checked<T> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = parsed.error.issues[0];
  return { ok: false, failure: issue ? failureOfIssue(issue, body) : failureOf('invalid_value', 'The body is not valid.') };
}

function failureOfIssue(issue: z.core.$ZodIssue, body: JsonObject): Failure {
  const field = fieldName(issue.path);
  const value = valueAt(body, issue.path);
  if (value === undefined) return failureOf('invalid_type', `\`${field}\` is missing.`, { field });
  const isWrongType = issue.code === 'invalid_type' || issue.code === 'invalid_union';
  // A number beyond float64 arrives as Infinity, which is a number, only an impossible one.
  const isImpossible = !isWrongType || (typeof value === 'number' && !issue.message.includes('string'));
  return failureOf(isImpossible ? 'invalid_value' : 'invalid_type', `\`${field}\` ${issue.message}.`, { field });
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

/** A list's length against its limits; checked before its elements, so that a huge list costs nothing. */
export function checkCount(body: JsonObject, field: string, limits: RequestLimits): Checked<undefined> {
  const list = body[field];
  if (!Array.isArray(list)) return { ok: true, value: undefined };
  if (list.length === 0) return refused('invalid_value', `\`${field}\` must hold at least one text.`, { field });
  const limit = limits.maxDocuments;
  if (list.length <= limit) return { ok: true, value: undefined };
  return refused('too_many_documents', `\`${field}\` holds ${list.length} texts; at most ${limit} are allowed.`, {
    field,
    limit,
  });
}

/** The texts of one request by the names of their fields. */
export interface NamedTexts {
  query: string;
  instruction: string | undefined;
  /** Name of the list, such as `documents`. */
  listField: string;
  documents: readonly string[];
}

/** The first text that is longer than the limit, as a failure. */
export function findTooLongText(texts: NamedTexts, limits: RequestLimits): Failure | undefined {
  const limit = limits.maxTextCharacters;
  if (texts.query.length > limit) return tooLong('query', limit);
  if (texts.instruction !== undefined && texts.instruction.length > limit) return tooLong('instruction', limit);
  const index = texts.documents.findIndex((document) => document.length > limit);
  return index === -1 ? undefined : tooLong(`${texts.listField}[${index}]`, limit);
}

function tooLong(field: string, limit: number): Failure {
  return failureOf('invalid_value', `\`${field}\` is longer than ${limit} characters.`, { field, limit });
}
