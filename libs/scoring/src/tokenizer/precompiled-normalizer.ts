import { isObject, TokenizerError } from './tokenizer-json';

/** SentencePiece's normaliser as a tokenizer.json holds it: a table in base64. */
export interface PrecompiledJson {
  type: 'Precompiled';
  precompiled_charsmap: string;
}

export function isPrecompiled(json: unknown): json is PrecompiledJson {
  return isObject(json) && json['type'] === 'Precompiled' && typeof json['precompiled_charsmap'] === 'string';
}

/** Characters that can join their neighbours to one grapheme. */
const joining =
  '\\r\\p{M}\\p{Cf}\\p{Emoji_Modifier}\\p{Regional_Indicator}\\u1100-\\u11FF\\uA960-\\uA97C\\uD7B0-\\uD7FB\\u0E33\\u0EB3\\uFF9E\\uFF9F';
/** Text around such characters, in bounded runs: the segmenter takes time that grows with the square of its input. */
const joinedRuns = new RegExp(`(?:[^][${joining}]{1,50}){1,20}[^]?`, 'gu');
/** Graphemes of this many UTF-8 bytes and more are looked up character by character. */
const longGraphemeBytes = 6;

/**
 * SentencePiece's character map (Kudo and Richardson 2018) exactly as the Rust library applies it: a grapheme of less
 * than 6 bytes is replaced as a whole by what its shortest known prefix stands for, anything else character by
 * character. The JavaScript library only approximates the map.
 */
export function createPrecompiledNormalizer(json: PrecompiledJson): { normalize(text: string): string } {
  const replacementOf = memoized(readCharacterMap(Buffer.from(json.precompiled_charsmap, 'base64')));
  const byCharacter = (text: string): string => {
    let normal = '';
    for (const character of text) normal += replacementOf(character) ?? character;
    return normal;
  };
  const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });
  const byGrapheme = (run: string): string => {
    let normal = '';
    for (const { segment } of segmenter.segment(run)) {
      const known = Buffer.byteLength(segment) < longGraphemeBytes ? replacementOf(segment) : undefined;
      normal += known ?? byCharacter(segment);
    }
    return normal;
  };
  return {
    normalize(text) {
      let normal = '';
      let end = 0;
      for (const { 0: run, index } of text.matchAll(joinedRuns)) {
        normal += byCharacter(text.slice(end, index)) + byGrapheme(run);
        end = index + run.length;
      }
      return normal + byCharacter(text.slice(end));
    },
  };
}

type Lookup = (text: string) => string | undefined;

/** Texts repeat their characters: a bounded memory of the answers. */
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
 * The map: the size of a double-array trie in bytes, the trie (32-bit units, little endian), then the replacements, each
 * ended by NUL. A leaf of the trie holds the offset of a replacement.
 * @throws TokenizerError when the sizes do not fit
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

/** The value of the shortest key that the bytes begin with (Darts: Yata 2008). */
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
