/** A piece of a word: its token id and how many UTF-16 code units of the word it covers. */
export interface Piece {
  id: number;
  length: number;
}

/** How a tokenizer turns one word into pieces. */
export interface WordModel {
  /** The word's pieces, which cover all of it in order. A word that is cut after a piece has the pieces up to there. */
  pieces(word: string): Piece[];
  /** The part of a word that stands for characters of the text, without a marker that the tokenizer put before it. */
  visible(word: string): string;
}

/** `byte-level`: a word is a string with one character for each byte of the text, white space included. */
export type TokenizerKind = 'unigram' | 'word-piece' | 'byte-level';

/** What one kind of tokenizer.json becomes. Text becomes words (normalised), and no piece spans two words. */
export interface Vocabulary extends WordModel {
  kind: TokenizerKind;
  words(text: string): string[];
  /** Control tokens may be missing. */
  idsByToken: ReadonlyMap<string, number>;
}
