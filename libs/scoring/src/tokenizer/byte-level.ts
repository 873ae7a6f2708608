import * as library from '@huggingface/tokenizers';
import type { BpeJson } from './parts';
import type { Vocabulary } from './vocabulary';
import type { Merge } from './vocabulary-json';

/** The part of the library that is used here. Its own declarations do not resolve under `nodenext`. */
interface Library {
  BPE: new (config: { vocab: object; merges: readonly Merge[]; ignore_merges: boolean }) => {
    encode(words: string[]): string[];
  };
}

/**
 * BPE over bytes (GPT-2, Qwen, RoBERTa). Words are strings with one character per byte. A merge inside a piece does not
 * depend on the text outside of it, so a word that is truncated after a piece has the same pieces up to there. Tokens
 * in `controlTokens` are never found in a text.
 */
export function createByteLevelVocabulary(json: BpeJson, controlTokens: ReadonlySet<string>): Vocabulary {
  const idsByToken = new Map(Object.entries(json.vocab));
  const textIds = new Map(idsByToken);
  for (const token of controlTokens) textIds.delete(token);
  const isText = ([left, right]: Merge): boolean =>
    textIds.has(left) && textIds.has(right) && textIds.has(left + right);
  const { BPE } = library as unknown as Library;
  const model = new BPE({
    vocab: Object.fromEntries(textIds),
    merges: textIds.size === idsByToken.size ? json.merges : json.merges.filter(isText),
    ignore_merges: json.ignore_merges ?? false,
  });
  return {
    kind: 'byte-level',
    idsByToken,
    pieces: (word) => model.encode([word]).map((token) => ({ id: textIds.get(token) ?? 0, length: token.length })),
  };
}
