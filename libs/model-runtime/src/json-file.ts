import type { Result } from '@rerank-fleet/contract';
export type JsonOrReason = Result<{ json: unknown }, { reason: string }>;

/**
 * Parses a JSON file. Accepts a byte order mark (editors write it), and `NaN`, `Infinity` and `-Infinity` (Python
 * writes them). On failure, `reason` continues the file's name. The parser's own message is not used, because it quotes
 * the file.
 */
export function parseJsonFile(bytes: Uint8Array): JsonOrReason {
  const text = textOf(bytes);
  if (text === undefined) return { ok: false, reason: 'is not UTF-8 text: save it as UTF-8' };
  if (text.trim() === '') return { ok: false, reason: 'is empty: download it again' };
  const json = parsed(() => JSON.parse(text)) ?? parsed(() => parsePython(text));
  return json === undefined ? { ok: false, reason: 'is not complete JSON: download it again' } : { ok: true, json };
}

/** The text without its byte order mark; undefined for another encoding. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Returns undefined on failure, which is never a JSON value. */
function parsed(parse: () => unknown): unknown {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

/** Strings, which are skipped, and the names of numbers outside of them. */
const stringsAndNames = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g;
/** Marks a string that represents a number. */
const mark = '\u0000number ';

function parsePython(text: string): unknown {
  const marked = text.replace(stringsAndNames, (found) =>
    found.startsWith('"') ? found : JSON.stringify(mark + found),
  );
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? Number(value.slice(mark.length)) : value,
  );
}
