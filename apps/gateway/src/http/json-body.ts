import { isUtf8 } from 'node:buffer';
import type { Failure, Refused, Result } from '@rerank-fleet/contract';
import { isJsonObject, type JsonObject } from './json-object';
import { failureOf, refused } from './failure';
import type { BodyHold } from './held-bytes';
import { type JsonBounds, measureJson } from './json-size';

/** Types of a body that hold JSON; parameters are looked at apart. */
const jsonType = /^(?:application\/(?:[\w.+-]+\+)?json|text\/json)$/;

/**
 * Why a body of this content type is not read, or undefined. Without the header the body is taken as JSON: some HTTP
 * libraries leave it out.
 */
export function unreadableType(header: string | undefined): Failure | undefined {
  if (header === undefined || header === '' || header === 'application/json') return undefined;
  const [type = '', ...parameters] = header.toLowerCase().split(';');
  if (!jsonType.test(type.trim())) {
    return failureOf('unsupported_media_type', 'Send the body as JSON, with `Content-Type: application/json`.', {
      field: 'content-type',
    });
  }
  const charset = parameters.map((parameter) => /^\s*charset\s*=\s*"?([^";\s]*)/.exec(parameter)?.[1]).find(Boolean);
  if (charset === undefined || ['utf-8', 'utf8', 'us-ascii'].includes(charset)) return undefined;
  return failureOf('unsupported_media_type', 'Send the body in UTF-8.', { field: 'content-type' });
}

/** By what a body's JSON is bounded. */
export interface JsonLimits {
  /** The body itself is the first level. */
  maxJsonDepth: number;
  maxDocuments: number;
}

/**
 * Values that a body may hold: a hundred for each document, and room for the members of a few. A value costs memory and
 * time that its bytes do not show.
 */
export function maxJsonValues({ maxDocuments }: Pick<JsonLimits, 'maxDocuments'>): number {
  return Math.max(100_000, 100 * maxDocuments);
}

/**
 * What a value of a body is held for beside its bytes. Parsed, ranked and answered, a body takes at most four times what
 * is held for it: texts of two bytes a character, once as they came and once as they are ranked; 340 bytes for the most
 * expensive of objects.
 */
export const valueBytes = 100;

/** Parses a body that must be a JSON object. What it costs is bounded, and held in `hold`, before it is parsed. */
export function parseJsonObject(
  bytes: Buffer,
  limits: JsonLimits,
  hold: Pick<BodyHold, 'grow'>,
): Result<{ body: JsonObject }> {
  if (!isUtf8(bytes)) return refused('invalid_json', 'The body is not valid UTF-8.', { field: 'body' });
  const bounds = { maxDepth: limits.maxJsonDepth, maxValues: maxJsonValues(limits) };
  const measured = measureJson(bytes, bounds);
  if (!measured.ok) return refusedBySize(bounds, measured.passed);
  const full = hold.grow(valueBytes * measured.size.values);
  if (full) return { ok: false, failure: full };
  const text = bytes.toString('utf8');
  if (text.trim() === '') return refused('invalid_json', 'The body is empty; send a JSON object.', { field: 'body' });
  const value = parseJson(text);
  if (value === undefined) return refused('invalid_json', 'The body is not valid JSON.', { field: 'body' });
  if (!isJsonObject(value)) return refused('invalid_type', 'The body must be a JSON object.', { field: 'body' });
  return { ok: true, body: value };
}

function refusedBySize(bounds: JsonBounds, passed: keyof JsonBounds): Refused {
  const limit = bounds[passed];
  const message =
    passed === 'maxDepth'
      ? `The body is nested deeper than ${limit} levels.`
      : `The body holds more than ${limit} values (texts, numbers, lists and objects).`;
  return refused('invalid_value', message, { field: 'body', limit });
}

/** Undefined for what is not JSON; a leading byte order mark is tolerated. The parser's own message quotes the text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    return undefined;
  }
}
