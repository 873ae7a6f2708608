import type { Result } from '@rerank-fleet/contract';
/** What parsing a text of JSON costs beside its bytes. */
export interface JsonSize {
  /** Levels of lists and objects; 0 for a bare value. */
  depth: number;
  /** Lists, objects, strings, numbers, booleans and nulls; the names of members are not values. */
  values: number;
}

/** Bounds on a {@link JsonSize}. */
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
 * Measures UTF-8 JSON before it is parsed, in one pass over the bytes that keeps nothing. Names the first bound that is
 * passed, at the place where it is passed. What is not JSON gets some size: it is for the parser to refuse, which reads
 * no further than this has counted.
 */
export function measureJson(
  bytes: Buffer,
  { maxDepth, maxValues }: JsonBounds,
): Result<{ size: JsonSize }, { passed: keyof JsonBounds }> {
  const size: JsonSize = { depth: 0, values: 1 };
  let level = 0;
  let strings = 0;
  // a list or object has just begun: what follows, unless it ends, is its first value
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
    // a value has one string of its own and one as its name, so that more of them are no JSON
    if (size.values > maxValues || strings > 2 * maxValues) return { ok: false, passed: 'maxValues' };
  }
  return { ok: true, size };
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Also colons and capital letters: whatever of ASCII lies between the comma and the brackets, and ends nothing. */
function isWithinNumber(byte: number): boolean {
  return byte > comma && byte < openList;
}

/** Place of the quote that ends the string; the end of the bytes when none does. Long texts are jumped over. */
function endOfString(bytes: Buffer, start: number): number {
  const first = bytes.indexOf(quote, start);
  if (first === -1) return bytes.length;
  if (bytes[first - 1] !== backslash) return first;
  let at = start;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}
