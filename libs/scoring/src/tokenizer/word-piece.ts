import { openLibrary } from './library';
import { isObject, type TokenizerJson } from './tokenizer-json';
import type { Piece, Vocabulary } from './vocabulary';

/** The parts of a WordPiece tokenizer.json that are read here. */
export interface WordPieceJson extends TokenizerJson {
  model: { type: 'WordPiece'; unk_token: string; vocab: Record<string, number>; continuing_subword_prefix?: string };
}

/** The parts of the library's WordPiece model that are used here. */
interface WordPieceModel {
  tokens_to_ids: Map<string, number>;
  encode(words: string[]): string[];
}

export function isWordPiece(json: TokenizerJson): json is WordPieceJson {
  const { type, vocab, unk_token: unknown } = json.model;
  return type === 'WordPiece' && isObject(vocab) && typeof unknown === 'string' && Object.hasOwn(vocab, unknown);
}

/**
 * WordPiece (BERT). The longest piece that fits comes first, so a word that is cut after a piece has the same pieces up
 * to there; a word that does not split wholly is one unknown piece.
 */
export function createWordPieceVocabulary(json: WordPieceJson, config: Record<string, unknown>): Vocabulary {
  const { model, words } = openLibrary<WordPieceModel>(json, config);
  const { unk_token: unknown, continuing_subword_prefix: prefix = '##' } = json.model;
  const unknownId = json.model.vocab[unknown] ?? 0;
  return {
    kind: 'word-piece',
    words,
    idsByToken: new Map(Object.entries(json.model.vocab)),
    pieces(word): Piece[] {
      const tokens = model.encode([word]);
      if (tokens.length === 1 && tokens[0] === unknown) return [{ id: unknownId, length: word.length }];
      return tokens.map((token, index) => ({
        id: model.tokens_to_ids.get(token) ?? unknownId,
        length: index === 0 ? token.length : token.length - prefix.length,
      }));
    },
    visible: (word) => word,
  };
}
