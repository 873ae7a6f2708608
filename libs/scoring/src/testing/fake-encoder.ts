import type { EncodedDocument, Encoder } from '../encoders/encoder';

export interface FakeEncoderOptions {
  /** Longest row, including the one token that starts each row. Default 512. */
  maxLengthTokens?: number;
}

/** Starts every row, so that no row is empty. */
const startId = 0;

/**
 * An encoder without files: a token is a run of characters that are not white space, its id a hash of it. It truncates,
 * counts and refuses as the real encoders do, with the instruction in the query's key.
 */
export function createFakeEncoder({ maxLengthTokens = 512 }: FakeEncoderOptions = {}): Encoder {
  const limit = maxLengthTokens - 1;
  return {
    encodeQuery({ query, instruction = '' }) {
      const words = [...wordsOf(instruction), ...wordsOf(query)];
      if (words.length > limit) {
        const message = `The query is ${words.length} tokens long; this model reads at most ${limit}.`;
        return { ok: false, failure: { code: 'query_too_long', message, field: 'query', limit } };
      }
      const ids = idsOf(words);
      return { ok: true, query: { key: ids.join('.'), ids, tokens: ids.length } };
    },
    encodeDocument(_query, text, { maxTokensPerDocument = limit, truncationSide = 'right' }): EncodedDocument {
      const words = wordsOf(text);
      const isLeft = truncationSide === 'left';
      const count = Math.min(limit, maxTokensPerDocument, words.length);
      const kept = isLeft ? words.slice(words.length - count) : words.slice(0, count);
      const ids = idsOf(kept);
      const document = { ids, rowTokens: ids.length, keptTokens: kept.length };
      if (kept.length === words.length) return document;
      const end = kept.at(isLeft ? 0 : -1);
      const fromStart = end === undefined ? 0 : end.index + end.text.length;
      const fromEnd = end === undefined ? 0 : text.length - end.index;
      const truncation = {
        tokens: words.length,
        keptTokens: kept.length,
        keptCharacters: isLeft ? fromEnd : fromStart,
      };
      return { ...document, truncation: isLeft ? { ...truncation, side: truncationSide } : truncation };
    },
  };
}

interface Word {
  text: string;
  index: number;
}

const wordsOf = (text: string): Word[] =>
  [...text.matchAll(/\S+/g)].map((match) => ({ text: match[0], index: match.index }));

const idsOf = (words: readonly Word[]): Int32Array =>
  Int32Array.from([startId, ...words.map(({ text }) => idOf(text))]);

/** FNV-1a over UTF-16 code units, as a positive 31-bit id that differs from the start's. */
function idOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < word.length; index++) hash = Math.imul(hash ^ word.charCodeAt(index), 0x01000193);
  return ((hash >>> 1) % 0x7ffffffe) + 1;
}
