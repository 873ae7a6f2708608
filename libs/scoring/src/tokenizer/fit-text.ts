import type { TruncationSide } from '@rerank-fleet/contract';
import type { PlainTokenizer } from './plain-tokenizer';
import type { Piece } from './vocabulary';

/** How much of a text was kept. */
export interface TextTruncation {
  /** Tokens of the whole text, without the model's template. */
  tokens: number;
  keptTokens: number;
  /** UTF-16 code units of the original text that the kept tokens cover, from its start, or from its end by `side`. */
  keptCharacters: number;
  /** Present only if the start was cut off. */
  side?: 'left';
}

export interface FittedText {
  ids: number[];
  truncation?: TextTruncation;
}

/** The tokens of a text per word. If only the start may be kept, later tokens are only counted. */
export interface TokenizedText {
  text: string;
  words: string[];
  pieces: Piece[][];
  tokens: number;
}

/**
 * What to do if a limit falls inside one character (`㌀` becomes four letters, an emoji several bytes), or between a
 * word's marker and its first letter. `token` keeps as many tokens as fit, as the models' own tokenizers do.
 * `character` keeps about one token less, so that the kept tokens are always those of a prefix of the text (or cover a
 * suffix of it).
 */
type CutUnit = 'token' | 'character';

export interface FitOptions {
  /** Maximum number of tokens to keep. */
  limit: number;
  cut: CutUnit;
  /** The end that loses tokens. Default: right. */
  side?: TruncationSide;
}

/**
 * Tokenizes a text and drops tokens from one end until at most `limit` are left. From the right, the kept tokens cover
 * `text.slice(0, keptCharacters)`; from the left, as many characters at its end. No shorter part of the text contains
 * all their whole characters.
 */
export function fitText(tokenizer: PlainTokenizer, text: string, options: FitOptions): FittedText {
  const isLeft = options.side === 'left';
  return fitTokens(tokenizer, tokenize(tokenizer, text, isLeft ? Infinity : options.limit), options);
}

/**
 * As {@link fitText}, for the tokens of a text. To keep its end, all of them are needed. The kept tokens are those of
 * the whole text; the end alone may have others.
 */
export function fitTokens(tokenizer: PlainTokenizer, tokenized: TokenizedText, options: FitOptions): FittedText {
  const { limit, cut, side } = options;
  const isLeft = side === 'left';
  const ids = idsOf(tokenized);
  if (tokenized.tokens <= limit) return { ids };
  const keep = (keptTokens: number, keptCharacters: number): FittedText => ({
    ids: isLeft ? ids.slice(ids.length - keptTokens) : ids.slice(0, keptTokens),
    truncation: { tokens: tokenized.tokens, keptTokens, keptCharacters, ...(isLeft && { side }) },
  });
  const coveredBy = isLeft ? suffixOf : prefixOf;
  for (const keptTokens of keepCandidates(limit)) {
    const keptCharacters = coveredBy(tokenizer, tokenized, keptTokens);
    if (keptCharacters === undefined) continue;
    return keep(cut === 'token' ? limit : keptTokens, keptCharacters);
  }
  return keep(cut === 'token' ? limit : 0, 0);
}

/** The ids that a tokenized text contains. */
export function idsOf({ pieces }: TokenizedText): number[] {
  return pieces.flatMap((word) => word.map((piece) => piece.id));
}

/** The tokens of a text. Beyond `limit` they are only counted. */
export function tokenize(tokenizer: PlainTokenizer, text: string, limit = Infinity): TokenizedText {
  const words = tokenizer.words(text);
  const kept: Piece[][] = [];
  let tokens = 0;
  for (const word of words) {
    const pieces = tokenizer.pieces(word);
    if (tokens <= limit) kept.push(pieces);
    tokens += pieces.length;
  }
  return { text, words, pieces: kept, tokens };
}

/**
 * Numbers to try: the limit, then fewer, first one by one, then in doubling steps, so any text needs only a few tries.
 */
function* keepCandidates(limit: number): Generator<number> {
  for (let drop = 0; drop < limit; drop = drop < 4 ? drop + 1 : drop * 2) yield limit - drop;
}

/** Length of the shortest prefix of the text whose tokens are the first `keptTokens`; undefined if there is none. */
function prefixOf(tokenizer: PlainTokenizer, tokenized: TokenizedText, keptTokens: number): number | undefined {
  const { text } = tokenized;
  const kept = keptWords(tokenized, keptTokens);
  const length = shortestPart(text.length, kept.join(''), (end) => tokenizer.words(text.slice(0, end)).join(''));
  if (length === undefined) return undefined;
  // Equal words have equal pieces, and a word truncated after a piece keeps its pieces up to there.
  const words = tokenizer.words(text.slice(0, length));
  return words.length === kept.length && words.every((word, index) => word === kept[index]) ? length : undefined;
}

/**
 * Length of the shortest suffix of the text with the characters of the last `keptTokens`; undefined if there is none.
 */
function suffixOf(tokenizer: PlainTokenizer, tokenized: TokenizedText, keptTokens: number): number | undefined {
  const { text, words } = tokenized;
  const withoutLead = leadRemover(tokenizer);
  const kept: string[] = [];
  let left = keptTokens;
  for (let index = words.length - 1; left > 0; index--) {
    const pieces = (tokenized.pieces[index] ?? []).slice(-left);
    left -= pieces.length;
    const word = words[index] ?? '';
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    kept.unshift(word.slice(Math.max(0, word.length - length)));
  }
  return shortestPart(text.length, withoutLead(kept.join('')), (length) =>
    withoutLead(tokenizer.words(text.slice(text.length - length)).join('')),
  );
}

/** Removes what some tokenizers add before every text, and so before a suffix that begins inside a word. */
function leadRemover(tokenizer: PlainTokenizer): (normal: string) => string {
  const lead = tokenizer.words('a').join('').slice(0, -1);
  return (normal) => (normal.startsWith(lead) ? normal.slice(lead.length) : normal);
}

/** The words of the first `keptTokens` tokens, the last one possibly in part. */
function keptWords(tokenized: TokenizedText, keptTokens: number): string[] {
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

/** Steps beyond the first part that is long enough, for combining marks and halves of a surrogate pair. */
const joiningSteps = 32;

/**
 * Length of the shortest part, up to `longest`, with the normal form `wanted`. The normal form grows with the part,
 * except for unusual sequences of combining marks. For these the result may be undefined.
 */
function shortestPart(longest: number, wanted: string, normalAt: (length: number) => string): number | undefined {
  const low = firstLongEnough(longest, wanted.length, (length) => normalAt(length).length);
  for (let length = low; length <= Math.min(longest, low + joiningSteps); length++) {
    const normal = normalAt(length);
    if (normal === wanted) return length;
    if (normal.length > wanted.length) return undefined;
  }
  return undefined;
}

/**
 * Probes that assume equal growth of text and normal form, as in most texts. After them, the search is by bisection.
 */
const guesses = 8;

/** The shortest part whose normal form has `wanted` characters. Needs few probes, each about as long as the result. */
function firstLongEnough(longest: number, wanted: number, lengthAt: (length: number) => number): number {
  let tooShort = wanted === 0 ? -1 : 0;
  let longEnough = longest;
  let next = wanted;
  for (let probe = 1; longEnough - tooShort > 1; probe++) {
    const length = Math.min(Math.max(next, tooShort + 1), longEnough - 1);
    const missing = wanted - lengthAt(length);
    if (missing > 0) tooShort = length;
    else longEnough = length;
    if (probe < guesses) next = missing > 0 ? length + missing : length - 1;
    else if (longEnough < longest) next = (tooShort + longEnough) >> 1;
    else next = tooShort * 2;
  }
  return longEnough;
}
