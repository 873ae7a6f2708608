import { openLibrary } from './library';
import { isObject, type TokenizerJson } from './tokenizer-json';
import type { Vocabulary } from './vocabulary';

/** The parts of a byte-level BPE tokenizer.json that are read here. */
export interface ByteLevelJson extends TokenizerJson {
  model: { type: 'BPE'; vocab: Record<string, number>; merges: unknown[] };
}

/** The parts of the library's BPE model that are used here. */
interface BpeModel {
  tokens_to_ids: Map<string, number>;
  encode(words: string[]): string[];
}

/** BPE over bytes (GPT-2, Qwen, RoBERTa). Variants whose pieces are not made of the word's own bytes are not it. */
export function isByteLevel(json: TokenizerJson): json is ByteLevelJson {
  const { type, vocab, merges, byte_fallback: fallback, end_of_word_suffix: suffix } = json.model;
  return (
    type === 'BPE' &&
    isObject(vocab) &&
    Array.isArray(merges) &&
    !fallback &&
    !suffix &&
    hasByteLevel(json.pre_tokenizer)
  );
}

function hasByteLevel(preTokenizer: Record<string, unknown> | null): boolean {
  if (preTokenizer === null) return false;
  const { type, pretokenizers } = preTokenizer;
  return type === 'ByteLevel' || (Array.isArray(pretokenizers) && pretokenizers.some((one) => hasByteLevel(one)));
}

/**
 * Words are strings with one character for each byte. A merge inside a piece does not depend on what lies outside it,
 * so a word that is cut after a piece has the same pieces up to there.
 */
export function createByteLevelVocabulary(json: ByteLevelJson, config: Record<string, unknown>): Vocabulary {
  const { model, words } = openLibrary<BpeModel>(json, config);
  const idOf = (token: string): number => model.tokens_to_ids.get(token) ?? 0;
  return {
    kind: 'byte-level',
    words,
    idsByToken: new Map(Object.entries(json.model.vocab)),
    pieces: (word) => model.encode([word]).map((token) => ({ id: idOf(token), length: token.length })),
    visible: (word) => word,
  };
}
