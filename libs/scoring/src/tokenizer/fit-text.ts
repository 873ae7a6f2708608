import type { PlainTokenizer } from './plain-tokenizer';
import type { Piece } from './vocabulary';

/** How much of a text was kept. */
export interface TextTruncation {
  /** Tokens of the whole text, without the model's template. */
  tokens: number;
  keptTokens: number;
  /** UTF-16 code units of the original text that the kept tokens cover, from its start. */
  keptCharacters: number;
}

export interface FittedText {
  ids: number[];
  truncation?: TextTruncation;
}

/** The tokens of a text, word by word as far as they may be kept, then only counted. */
interface TokenizedText {
  words: string[];
  pieces: Piece[][];
  tokens: number;
}

/**
 * Where a limit falls inside one character (`㌀` becomes four letters, an emoji several bytes), or between a word's
 * marker and its first letter: `token` keeps as many tokens as fit, as the models' own tokenizers do; `character` keeps
 * a token or so less, so that the kept tokens are always those of a prefix of the text.
 */
export type CutUnit = 'token' | 'character';

export interface FitOptions {
  /** Most tokens to keep. */
  limit: number;
  cut: CutUnit;
}

/**
 * Tokenizes a text and drops tokens from its right end until at most `limit` are left. The kept tokens cover
 * `text.slice(0, keptCharacters)`, and no shorter prefix holds all their whole characters.
 */
export function fitText(tokenizer: PlainTokenizer, text: string, { limit, cut }: FitOptions): FittedText {
  const tokenized = tokenize(tokenizer, text, limit);
  const ids = tokenized.pieces.flatMap((pieces) => pieces.map((piece) => piece.id));
  if (tokenized.tokens <= limit) return { ids };
  const keep = (keptTokens: number, keptCharacters: number): FittedText => ({
    ids: ids.slice(0, keptTokens),
    truncation: { tokens: tokenized.tokens, keptTokens, keptCharacters },
  });
  for (const keptTokens of keepCandidates(limit)) {
    const keptCharacters = prefixOf(tokenizer, { text, tokenized, keptTokens });
    if (keptCharacters === undefined) continue;
    return keep(cut === 'token' ? limit : keptTokens, keptCharacters);
  }
  return keep(cut === 'token' ? limit : 0, 0);
}

function tokenize(tokenizer: PlainTokenizer, text: string, limit: number): TokenizedText {
  const words = tokenizer.words(text);
  const kept: Piece[][] = [];
  let tokens = 0;
  for (const word of words) {
    const pieces = tokenizer.pieces(word);
    if (tokens <= limit) kept.push(pieces);
    tokens += pieces.length;
  }
  return { words, pieces: kept, tokens };
}

/** The limit, then ever less: first one by one, then in doubling steps, so that no text costs more than a few tries. */
function* keepCandidates(limit: number): Generator<number> {
  for (let drop = 0; drop < limit; drop = drop < 4 ? drop + 1 : drop * 2) yield limit - drop;
}

interface Cut {
  text: string;
  tokenized: TokenizedText;
  keptTokens: number;
}

/** Length of the shortest prefix of the text whose tokens are the first `keptTokens`; undefined when there is none. */
function prefixOf(tokenizer: PlainTokenizer, cut: Cut): number | undefined {
  const kept = keptWords(cut);
  const length = shortestPrefix(cut.text, kept.join(''), (prefix) => tokenizer.words(prefix).join(''));
  if (length === undefined) return undefined;
  // Equal words have equal pieces, and a word cut after a piece has the pieces that it had up to there.
  const words = tokenizer.words(cut.text.slice(0, length));
  return words.length === kept.length && words.every((word, index) => word === kept[index]) ? length : undefined;
}

/** The words that the first `keptTokens` tokens make, the last one perhaps in part. */
function keptWords({ tokenized, keptTokens }: Cut): string[] {
  const words: string[] = [];
  let left = keptTokens;
  for (let index = 0; left > 0; index++) {
    const pieces = (tokenized.pieces[index] ?? []).slice(0, left);
    left -= pieces.length;
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    words.push((tokenized.words[index] ?? '').slice(0, length));
  }
  return words;
}

/** Steps past the first prefix that is long enough: marks that still join their letter, halves of a surrogate pair. */
const joiningSteps = 32;

/**
 * Length of the shortest prefix whose normal form is `wanted`. The normal form grows with the prefix but for odd
 * sequences of combining marks, for which the answer may be undefined.
 */
function shortestPrefix(text: string, wanted: string, normalOf: (prefix: string) => string): number | undefined {
  const low = firstLongEnough(text, wanted.length, (length) => normalOf(text.slice(0, length)).length);
  for (let length = low; length <= Math.min(text.length, low + joiningSteps); length++) {
    const normal = normalOf(text.slice(0, length));
    if (normal === wanted) return length;
    if (normal.length > wanted.length) return undefined;
  }
  return undefined;
}

/** Probes that assume one character of the normal form per character, as most text has it, before the search turns to halving. */
const guesses = 8;

/** The shortest prefix whose normal form has `wanted` characters. A few probes, each of them about as long as the answer. */
function firstLongEnough(text: string, wanted: number, lengthAt: (length: number) => number): number {
  let tooShort = wanted === 0 ? -1 : 0;
  let longEnough = text.length;
  let next = wanted;
  for (let probe = 1; longEnough - tooShort > 1; probe++) {
    const length = Math.min(Math.max(next, tooShort + 1), longEnough - 1);
    const missing = wanted - lengthAt(length);
    if (missing > 0) tooShort = length;
    else longEnough = length;
    if (probe < guesses) next = missing > 0 ? length + missing : length - 1;
    else if (longEnough < text.length) next = (tooShort + longEnough) >> 1;
    else next = tooShort * 2;
  }
  return longEnough;
}
