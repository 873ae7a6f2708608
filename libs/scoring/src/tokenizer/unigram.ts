import { openLibrary } from './library';
import type { TokenizerJson } from './tokenizer-json';
import type { Piece, Vocabulary } from './vocabulary';

/** The parts of a Unigram tokenizer.json that are read here. */
export interface UnigramJson extends TokenizerJson {
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

export function isUnigram(json: TokenizerJson): json is UnigramJson {
  const { type, vocab, unk_id: unknownId } = json.model;
  return type === 'Unigram' && Array.isArray(vocab) && typeof unknownId === 'number' && unknownId < vocab.length;
}

/** SentencePiece's Unigram: every word is led by one marker character. */
export function createUnigramVocabulary(json: UnigramJson, config: Record<string, unknown>): Vocabulary {
  const { model, words } = openLibrary<UnigramModel>(withoutControlTokens(json), config);
  return {
    kind: 'unigram',
    words: (text: string) => words(text).flatMap(ledWords),
    idsByToken: new Map(json.model.vocab.map(([piece], id) => [piece, id])),
    pieces: (word) => bestPieces(model, word),
    visible: (word) => word.slice(1),
  };
}

const marker = '▁';

/** The library leaves the whole text in one piece where the original splits it before every marker. */
function ledWords(text: string): string[] {
  return text === marker ? [] : (text.match(/▁[^▁]*/g) ?? [text]);
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
  return { ...json, model: { ...json.model, vocab } };
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
