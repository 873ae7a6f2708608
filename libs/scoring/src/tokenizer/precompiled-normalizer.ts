import { TokenizerError } from './tokenizer-json';

/** Graphemes of at least this many UTF-8 bytes are looked up character by character. */
const longGraphemeBytes = 6;

/**
 * Characters that join the preceding one: marks, joiners, variation selectors. Some Myanmar and Tai Tham marks do not.
 */
const joining =
  '[[\\u200D\\u0E33\\u0EB3\\p{Grapheme_Extend}\\p{Mc}\\p{Emoji_Modifier}]--[\\u102B\\u102C\\u1038\\u1062-\\u1064' +
  '\\u1067-\\u106D\\u1083\\u1087-\\u108C\\u108F\\u109A-\\u109C\\u1A61\\u1A63\\u1A64\\uAA7B\\uAA7D]]';
/** Signs that join the following character. */
const prepended = '\\u0600-\\u0605\\u06DD\\u070F\\u0890\\u0891\\u08E2\\u0D4E';
/** Characters that join none. */
const apart = '[[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]--[\\u200C-\\u200D\\u{E0020}-\\u{E007F}]]';
/**
 * Graphemes of several characters. Other kinds (Hangul letters, flags, families of emoji) are long, as are their parts,
 * so splitting them gives the same result.
 */
const graphemes = new RegExp(
  `\\r\\n|[${prepended}]+[^${apart}${joining}]?[${joining}]*|[^${apart}${joining}]?[${joining}]+`,
  'gv',
);

/**
 * SentencePiece's character map (Kudo and Richardson 2018), applied exactly as in the reference. A grapheme of less
 * than 6 bytes is replaced as a whole by the value of its shortest known prefix; anything else character by character.
 */
export function createPrecompiledNormalizer(charsmap: string): (text: string) => string {
  const replacementOf = memoized(readCharacterMap(Buffer.from(charsmap, 'base64')));
  const byCharacter = (text: string): string => {
    let normal = '';
    for (const character of text) normal += replacementOf(character) ?? character;
    return normal;
  };
  const byGrapheme = (grapheme: string): string => {
    const known = Buffer.byteLength(grapheme) < longGraphemeBytes ? replacementOf(grapheme) : undefined;
    return known ?? byCharacter(grapheme);
  };
  return (text) => {
    let normal = '';
    let end = 0;
    for (const { 0: grapheme, index } of text.matchAll(graphemes)) {
      normal += byCharacter(text.slice(end, index)) + byGrapheme(grapheme);
      end = index + grapheme.length;
    }
    return normal + byCharacter(text.slice(end));
  };
}

type Lookup = (text: string) => string | undefined;

/** A lookup with a bounded cache, because texts repeat their characters. */
function memoized(lookup: Lookup): Lookup {
  const known = new Map<string, string | undefined>();
  return (text) => {
    if (known.has(text)) return known.get(text);
    if (known.size >= 10_000) known.clear();
    const answer = lookup(text);
    known.set(text, answer);
    return answer;
  };
}

/**
 * Parses the map: the size of a double-array trie in bytes, the trie (32-bit units, little endian), then the
 * replacements, each terminated by NUL. A leaf of the trie is the offset of a replacement.
 * @throws TokenizerError if the sizes do not match
 */
function readCharacterMap(bytes: Buffer): Lookup {
  const trieBytes = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  if (trieBytes === 0 || trieBytes % 4 !== 0 || 4 + trieBytes > bytes.length) {
    throw new TokenizerError('its character map is damaged');
  }
  const units = Uint32Array.from({ length: trieBytes / 4 }, (_, index) => bytes.readUInt32LE(4 + index * 4));
  const replacements = bytes.subarray(4 + trieBytes);
  return (text) => {
    const offset = shortestPrefix(units, Buffer.from(text));
    if (offset === undefined) return undefined;
    const end = replacements.indexOf(0, offset);
    return replacements.toString('utf8', offset, end === -1 ? undefined : end);
  };
}

/** The value of the shortest key that is a prefix of the bytes (Darts: Yata 2008). */
function shortestPrefix(units: Uint32Array, key: Buffer): number | undefined {
  let position = offsetOf(units[0] ?? 0);
  for (const byte of key) {
    if (byte === 0) return undefined;
    position ^= byte;
    const unit = units[position] ?? 0;
    if ((unit & 0x800000ff) >>> 0 !== byte) return undefined;
    position ^= offsetOf(unit);
    if ((unit >>> 8) & 1) return (units[position] ?? 0) & 0x7fffffff;
  }
  return undefined;
}

const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);
