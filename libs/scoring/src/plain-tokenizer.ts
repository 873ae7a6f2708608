import { Tokenizer } from '@huggingface/tokenizers';

/** A piece of a word: its token id and how many UTF-16 code units of the word it covers. */
export interface Piece {
  id: number;
  length: number;
}

/**
 * A tokenizer for text from users: no string makes it produce a control token. Text becomes words (normalised, each
 * led by one marker character), a word becomes pieces, and no piece spans two words.
 */
export interface PlainTokenizer {
  words(text: string): string[];
  pieces(word: string): Piece[];
  /** Ids are below this. */
  vocabularySize: number;
}

/** The tokenizer files do not describe a tokenizer that this code can run. One line, written by us. */
export class TokenizerError extends Error {
  override name = 'TokenizerError';
}

interface UnigramJson {
  added_tokens: { id: number; content: string; special?: boolean }[];
  model: { type: 'Unigram'; unk_id: number; vocab: [string, number][] };
}

interface TrieNode {
  is_leaf: boolean;
  children: Map<string, TrieNode>;
}

/** The parts of the library's Unigram model that are used here. */
interface UnigramModel {
  trie: { root: TrieNode };
  tokens_to_ids: Map<string, number>;
  scores: number[];
  unk_token_id: number;
  unk_score: number;
}

/** The parts of the library's tokenizer that are used here; its own declarations do not resolve under `nodenext`. */
interface LibraryTokenizer {
  normalizer: { normalize(text: string): string } | null;
  pre_tokenizer: { pre_tokenize(text: string, options: { section_index: number }): string[] } | null;
  model: UnigramModel;
}

/**
 * Builds the tokenizer of a Unigram tokenizer.json.
 * @throws TokenizerError when the files describe another kind of tokenizer or none.
 */
export function createPlainTokenizer(tokenizerJson: unknown, tokenizerConfig: unknown): PlainTokenizer {
  if (!isUnigram(tokenizerJson)) throw new TokenizerError('the tokenizer has no Unigram vocabulary');
  if (!isObject(tokenizerConfig)) throw new TokenizerError('the tokenizer configuration is not an object');
  const library: LibraryTokenizer = new Tokenizer(withoutControlTokens(tokenizerJson), tokenizerConfig);
  const { normalizer, pre_tokenizer: preTokenizer, model } = library;
  if (preTokenizer === null) throw new TokenizerError('the tokenizer does not split text into words');
  return {
    words: (text) => {
      const safe = withShortMarkRuns(text);
      return preTokenizer.pre_tokenize(normalizer?.normalize(safe) ?? safe, { section_index: 0 });
    },
    pieces: (word) => bestPieces(model, word),
    vocabularySize: tokenizerJson.model.vocab.length,
  };
}

/**
 * Putting combining marks in order takes time that grows with the square of their number: 2 s for 100,000 on one
 * letter. A joiner after each 256 (Unicode's stream-safe format has 30) bounds it; no text that people write has so many.
 */
function withShortMarkRuns(text: string): string {
  return text.replace(/\p{M}{256}/gu, '$&\u034F');
}

/**
 * A copy in which text cannot name a control token. Emptying `added_tokens` is not enough: a Unigram vocabulary holds
 * `<s>` and the like as pieces, so these get a name with a space, which no word has. Ids stay where they are.
 */
function withoutControlTokens(json: UnigramJson): UnigramJson {
  const control = new Set(json.added_tokens.filter((token) => token.id !== json.model.unk_id).map((t) => t.content));
  const vocab = json.model.vocab.map(([piece, score]): [string, number] => [
    control.has(piece) ? ` ${piece}` : piece,
    score,
  ]);
  return { ...json, added_tokens: [], model: { ...json.model, vocab } };
}

/**
 * The most likely segmentation of one word (Viterbi over the vocabulary's log probabilities; Kudo 2018), in which what
 * follows a piece never changes the pieces before it. The library's own search keeps objects for every candidate: a
 * word of 400,000 characters, which a text of 100,000 can normalise to, takes it 2 GB and overflows the stack. Among
 * equally likely pieces it lets rounding choose; this search chooses as the Rust library does.
 */
function bestPieces(model: UnigramModel, word: string): Piece[] {
  const characters = Array.from(word);
  const count = characters.length;
  const unknownId = model.unk_token_id;
  const score = new Float64Array(count + 1).fill(-Infinity);
  const from = new Int32Array(count + 1);
  const id = new Int32Array(count + 1);
  score[0] = 0;
  const reach = (start: number, end: number, candidate: { id: number; score: number }) => {
    const total = at(score, start) + candidate.score;
    if (total <= at(score, end)) return;
    score[end] = total;
    from[end] = start;
    id[end] = candidate.id;
  };
  for (let start = 0; start < count; start++) {
    let node = model.trie.root;
    let text = '';
    let hasSingle = false;
    for (let end = start + 1; end <= count; end++) {
      const character = characters[end - 1] ?? '';
      const next = node.children.get(character);
      if (next === undefined) break;
      node = next;
      text += character;
      if (!node.is_leaf) continue;
      const found = model.tokens_to_ids.get(text) ?? unknownId;
      reach(start, end, { id: found, score: at(model.scores, found) });
      if (end === start + 1) hasSingle = true;
    }
    if (!hasSingle) reach(start, start + 1, { id: unknownId, score: model.unk_score });
  }
  return readBack({ characters, from, id, unknownId });
}

/** The path from its end to its start, turned round; neighbouring unknown characters are one token. */
function readBack(path: { characters: string[]; from: Int32Array; id: Int32Array; unknownId: number }): Piece[] {
  const pieces: Piece[] = [];
  let end = path.characters.length;
  while (end > 0) {
    const start = at(path.from, end);
    const length = path.characters.slice(start, end).join('').length;
    const pieceId = at(path.id, end);
    const right = pieces.at(-1);
    if (pieceId === path.unknownId && right?.id === path.unknownId) right.length += length;
    else pieces.push({ id: pieceId, length });
    end = start;
  }
  return pieces.reverse();
}

function at(numbers: ArrayLike<number>, index: number): number {
  const value = numbers[index];
  if (value === undefined) throw new RangeError(`index ${index} of ${numbers.length}`);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isUnigram(json: unknown): json is UnigramJson {
  if (!isObject(json) || !Array.isArray(json['added_tokens']) || !isObject(json['model'])) return false;
  const { type, vocab, unk_id: unknownId } = json['model'];
  return type === 'Unigram' && Array.isArray(vocab) && typeof unknownId === 'number' && unknownId < vocab.length;
}
