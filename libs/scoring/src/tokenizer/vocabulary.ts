/** A piece of a word: its token id, and the number of the word's UTF-16 code units that it covers. */
export interface Piece {
  id: number;
  length: number;
}

/** `byte-level`: a word is a string with one character per byte of the text, including white space. */
type TokenizerKind = 'unigram' | 'word-piece' | 'byte-level';

/** Converts words into pieces, for one kind of tokenizer.json. */
export interface Vocabulary {
  kind: TokenizerKind;
  /** The word's pieces, which cover all of it in order. A word truncated after a piece keeps its pieces up to there. */
  pieces(word: string): Piece[];
  /** Every token of the vocabulary, including control tokens. */
  idsByToken: ReadonlyMap<string, number>;
}
