import { isUtf8 } from 'node:buffer';
import type { Failure, Refused, Result } from '@rerank-fleet/contract';
import { isJsonObject, type JsonObject } from './json-object';
import { failureOf, refused } from './failure';
import type { BodyHold } from './held-bytes';
import { type JsonBounds, measureJson } from './json-size';

/** Content types with JSON. Parameters are checked separately. */
const jsonType = /^(?:application\/(?:[\w.+-]+\+)?json|text\/json)$/;

/**
 * The failure for an unsupported content type, or undefined. Without the header the body is parsed as JSON, because
 * some HTTP libraries do not send it.
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

/** Limits of a JSON body. */
export interface JsonLimits {
  /** Nesting levels; the body itself is the first. */
  maxJsonDepth: number;
  maxDocuments: number;
}

/**
 * The number of values that a body may have: a hundred per document, and room for the members of a few. The memory and
 * time of a value are not proportional to its bytes.
 */
export function maxJsonValues({ maxDocuments }: Pick<JsonLimits, 'maxDocuments'>): number {
  return Math.max(100_000, 100 * maxDocuments);
}

/**
 * Bytes that are held per JSON value, in addition to the bytes of the body. Parsed, ranked and answered, a body takes
 * at most four times what is held for it: two-byte texts, once as received and once as ranked, and 340 bytes for the
 * most expensive object.
 */
export const valueBytes = 100;

/** Parses a body that must be a JSON object. Its cost is limited, and added to `hold`, before it is parsed. */
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
  if (text.trim() === '') return refused('invalid_json', 'The body is empty. Send a JSON object.', { field: 'body' });
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
      : `The body has more than ${limit} values (texts, numbers, lists and objects).`;
  return refused('invalid_value', message, { field: 'body', limit });
}

/** Returns undefined for invalid JSON. Accepts a byte order mark. The parser's own message would quote the text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    return undefined;
  }
}
