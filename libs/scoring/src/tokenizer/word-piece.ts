import type { WordPieceJson } from './parts';
import type { Piece, Vocabulary } from './vocabulary';

/**
 * WordPiece (BERT). The longest piece that fits comes first, so a word that is truncated after a piece has the same
 * pieces up to there. A word that cannot be split completely is one unknown piece. Tokens in `controlTokens` are never
 * found in a text.
 */
export function createWordPieceVocabulary(json: WordPieceJson, controlTokens: ReadonlySet<string>): Vocabulary {
  const { vocab, unk_token: unknown, continuing_subword_prefix: prefix, max_input_chars_per_word: longestWord } = json;
  const idsByToken = new Map(Object.entries(vocab));
  const textIds = new Map(idsByToken);
  for (const token of controlTokens) if (token !== unknown) textIds.delete(token);
  const longestPiece = [...textIds.keys()].reduce((longest, token) => Math.max(longest, token.length), 0);
  const unknownId = vocab[unknown] ?? 0;

  /** The longest piece at a position of a word. */
  const pieceAt = (word: string, start: number): Piece | undefined => {
    const lead = start === 0 ? '' : prefix;
    for (let end = Math.min(word.length, start + longestPiece); end > start; end--) {
      const id = textIds.get(lead + word.slice(start, end));
      if (id !== undefined) return { id, length: end - start };
    }
    return undefined;
  };
  return {
    kind: 'word-piece',
    idsByToken,
    pieces(word) {
      const unknownWord = [{ id: unknownId, length: word.length }];
      if (characterCount(word) > longestWord) return unknownWord;
      const pieces: Piece[] = [];
      for (let start = 0; start < word.length; start += pieces.at(-1)?.length ?? 0) {
        const piece = pieceAt(word, start);
        if (piece === undefined) return unknownWord;
        pieces.push(piece);
      }
      return pieces;
    },
  };
}

function characterCount(word: string): number {
  let count = 0;
  for (const _character of word) count++;
  return count;
}
