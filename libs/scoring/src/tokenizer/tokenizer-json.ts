import type { z } from 'zod';
import { tokenizerJson, type TokenizerJson } from './parts';

/** The tokenizer files do not describe a supported tokenizer. The message is one line. */
export class TokenizerError extends Error {
  override name = 'TokenizerError';
}

/**
 * Parses a tokenizer.json.
 * @throws TokenizerError that names the part and its option if one is not supported exactly.
 */
export function readTokenizerJson(json: unknown): TokenizerJson {
  const parsed = tokenizerJson.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TokenizerError(issue === undefined ? 'it does not describe a tokenizer' : refusalOf(json, issue));
}

type Issue = z.core.$ZodIssue;

function refusalOf(json: unknown, issue: Issue): string {
  if (!isObject(json) || !isObject(json['model'])) return 'it does not describe a tokenizer';
  if (issue.code === 'custom' && issue.params?.['reason'] !== undefined) return String(issue.params['reason']);
  const keys = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const { part, option, value } = optionAt(json, [...issue.path, ...keys]);
  if (option === 'type') return `${part} is not a part that this version supports exactly`;
  if (value === undefined) return `${part} lacks ${option}`;
  return `${part} has ${option} ${shown(value)}, which this version does not support exactly`;
}

/** The innermost part with a type on a path, and the option that the rest of the path names. */
function optionAt(json: unknown, path: readonly PropertyKey[]): { part: string; option: string; value: unknown } {
  let part = 'it';
  let from = 0;
  let value = json;
  path.forEach((key, index) => {
    value = isObject(value) || Array.isArray(value) ? (value as Record<PropertyKey, unknown>)[key] : undefined;
    if (!isObject(value) || value['type'] === undefined) return;
    part = `its ${path.slice(0, index + 1).join('.')} ${String(value['type']).slice(0, 60)}`;
    from = index + 1;
  });
  return { part, option: path.slice(from).join('.'), value };
}

/** A value of a file as one line. */
function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 100) ?? 'nothing';
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
