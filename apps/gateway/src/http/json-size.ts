import type { Result } from '@rerank-fleet/contract';
/** The cost of parsing a JSON text, apart from its bytes. */
export interface JsonSize {
  /** Nesting levels of lists and objects; 0 for a bare value. */
  depth: number;
  /** The number of lists, objects, strings, numbers, booleans and nulls. Member names are not values. */
  values: number;
}

/** Limits of a {@link JsonSize}. */
export interface JsonBounds {
  maxDepth: number;
  maxValues: number;
}

const quote = 0x22;
const comma = 0x2c;
const openList = 0x5b;
const backslash = 0x5c;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/**
 * Measures UTF-8 JSON before it is parsed, in one pass over the bytes without allocation. Returns the first limit that
 * is exceeded. Invalid JSON gets an arbitrary size: the parser refuses it, and reads no further than was counted here.
 */
export function measureJson(
  bytes: Buffer,
  { maxDepth, maxValues }: JsonBounds,
): Result<{ size: JsonSize }, { passed: keyof JsonBounds }> {
  const size: JsonSize = { depth: 0, values: 1 };
  let level = 0;
  let strings = 0;
  // a list or object has just begun; if it does not end now, its first value follows
  let begun = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (isSpace(byte) || (isWithinNumber(byte) && !begun)) continue;
    if (byte === closeList || byte === closeObject) {
      level--;
      begun = false;
      continue;
    }
    if (begun || byte === comma) size.values++;
    begun = byte === openList || byte === openObject;
    if (begun) size.depth = Math.max(size.depth, ++level);
    if (byte === quote) {
      at = endOfString(bytes, at + 1);
      strings++;
    }
    if (size.depth > maxDepth) return { ok: false, passed: 'maxDepth' };
    // a value has at most one string of its own and one name, so text with more strings is not JSON
    if (size.values > maxValues || strings > 2 * maxValues) return { ok: false, passed: 'maxValues' };
  }
  return { ok: true, size };
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Also accepts colons and capital letters: ASCII between the comma and the brackets that does not end a number. */
function isWithinNumber(byte: number): boolean {
  return byte > comma && byte < openList;
}

/** The index of the closing quote; the end of the bytes if there is none. Skips long texts quickly. */
function endOfString(bytes: Buffer, start: number): number {
  const first = bytes.indexOf(quote, start);
  if (first === -1) return bytes.length;
  if (bytes[first - 1] !== backslash) return first;
  let at = start;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}
