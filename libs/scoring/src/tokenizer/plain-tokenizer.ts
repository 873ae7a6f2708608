import { createByteLevelVocabulary, isByteLevel } from './byte-level';
import { isObject, isTokenizerJson, TokenizerError, type TokenizerJson } from './tokenizer-json';
import { createUnigramVocabulary, isUnigram } from './unigram';
import type { TokenizerKind, Vocabulary, WordModel } from './vocabulary';
import { createWordPieceVocabulary, isWordPiece } from './word-piece';

/** A tokenizer for text from users: no string makes it produce a control token. */
export interface PlainTokenizer extends WordModel {
  kind: TokenizerKind;
  /** Normalised; no piece spans two of them. */
  words(text: string): string[];
  /** The ids of a whole text. */
  ids(text: string): number[];
  /** The id of one token, control tokens included; undefined when there is none. */
  idOf(token: string): number | undefined;
  /** Ids are below this. */
  vocabularySize: number;
}

/**
 * Builds the tokenizer of a tokenizer.json (Unigram, WordPiece or byte-level BPE).
 * @throws TokenizerError when the files describe another kind of tokenizer or none.
 */
export function createPlainTokenizer(tokenizerJson: unknown, tokenizerConfig: unknown): PlainTokenizer {
  if (!isTokenizerJson(tokenizerJson)) throw new TokenizerError('it does not describe a tokenizer');
  if (!isObject(tokenizerConfig)) throw new TokenizerError('the tokenizer configuration is not an object');
  const { kind, words, pieces, visible, idsByToken } = vocabularyOf(tokenizerJson, tokenizerConfig);
  const controlIds = new Map(tokenizerJson.added_tokens.map(({ content, id }) => [content, id]));
  return {
    kind,
    words,
    pieces,
    visible,
    ids: (text) => words(text).flatMap((word) => pieces(word).map((piece) => piece.id)),
    idOf: (token) => controlIds.get(token) ?? idsByToken.get(token),
    vocabularySize: highestOf(idsByToken.values(), controlIds.values()) + 1,
  };
}

function vocabularyOf(json: TokenizerJson, config: Record<string, unknown>): Vocabulary {
  if (isUnigram(json)) return createUnigramVocabulary(json, config);
  if (isWordPiece(json)) return createWordPieceVocabulary(json, config);
  if (isByteLevel(json)) return createByteLevelVocabulary(json, config);
  throw new TokenizerError('it is none of the kinds that this version reads: Unigram, WordPiece, byte-level BPE');
}

/** A loop, since a vocabulary has too many ids for the arguments of one call. */
function highestOf(...idLists: Iterable<number>[]): number {
  let highest = -1;
  for (const ids of idLists) for (const id of ids) highest = Math.max(highest, id);
  return highest;
}
