import type { Failure } from '@rerank-fleet/contract';
import { isJsonObject, type JsonObject } from './dialects/dialect';
import { failureOf, refused } from './failure';

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

/** Parses a body that must be a JSON object nested no deeper than `maxDepth` (the object itself is the first level). */
export function parseJsonObject(
  bytes: Buffer,
  maxDepth: number,
): { ok: true; body: JsonObject } | { ok: false; failure: Failure } {
  const text = bytes.toString('utf8');
  if (text.trim() === '') return refused('invalid_json', 'The body is empty; send a JSON object.', { field: 'body' });
  const value = parseJson(text);
  if (value === undefined) return refused('invalid_json', 'The body is not valid JSON.', { field: 'body' });
  if (!isJsonObject(value)) return refused('invalid_type', 'The body must be a JSON object.', { field: 'body' });
  if (isDeeper(value, maxDepth)) {
    const message = `The body is nested deeper than ${maxDepth} levels.`;
    return refused('invalid_value', message, { field: 'body', limit: maxDepth });
  }
  return { ok: true, body: value };
}

/** Undefined for what is not JSON; a leading byte order mark is tolerated. The parser's own message quotes the text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    return undefined;
  }
}

/** Recurses no deeper than the limit, so no body can exhaust the stack. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  const members: unknown[] = Array.isArray(value) ? value : Object.values(value);
  return members.some((member) => typeof member === 'object' && isDeeper(member, levels - 1));
}
