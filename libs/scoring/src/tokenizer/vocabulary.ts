/** A piece of a word: its token id and how many UTF-16 code units of the word it covers. */
export interface Piece {
  id: number;
  length: number;
}

/** `byte-level`: a word is a string with one character for each byte of the text, white space included. */
type TokenizerKind = 'unigram' | 'word-piece' | 'byte-level';

/** How one kind of tokenizer.json turns words into pieces. */
export interface Vocabulary {
  kind: TokenizerKind;
  /** The word's pieces, which cover all of it in order. A word that is cut after a piece has the pieces up to there. */
  pieces(word: string): Piece[];
  /** Every token of its own, control tokens included. */
  idsByToken: ReadonlyMap<string, number>;
}
