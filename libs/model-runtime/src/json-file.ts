import type { Result } from '@rerank-fleet/contract';
export type JsonOrReason = Result<{ json: unknown }, { reason: string }>;

/**
 * The content of a JSON file as people and programs write them: a byte order mark is no part of it (editors), and `NaN`,
 * `Infinity` and `-Infinity` are the numbers that Python means by them. On failure `reason` follows the file's name; the
 * parser's own message is left out, since it quotes the file.
 */
export function parseJsonFile(bytes: Uint8Array): JsonOrReason {
  const text = textOf(bytes);
  if (text === undefined) return { ok: false, reason: 'is not UTF-8 text: save it as UTF-8' };
  if (text.trim() === '') return { ok: false, reason: 'is empty: download it again' };
  const json = parsed(() => JSON.parse(text)) ?? parsed(() => parsePython(text));
  return json === undefined ? { ok: false, reason: 'is not complete JSON: download it again' } : { ok: true, json };
}

/** Without its byte order mark; undefined where it is of another encoding. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** `undefined` is no JSON, so it can stand for a failure. */
function parsed(parse: () => unknown): unknown {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

/** Strings, which are passed over, and the names of numbers outside of them. */
const stringsAndNames = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g;
/** Marks a string that stands for a number. */
const mark = '\u0000number ';

function parsePython(text: string): unknown {
  const marked = text.replace(stringsAndNames, (found) =>
    found.startsWith('"') ? found : JSON.stringify(mark + found),
  );
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? Number(value.slice(mark.length)) : value,
  );
}
