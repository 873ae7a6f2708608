import type { UnigramJson } from './parts';
import { createPieceTree, type PieceTree } from './piece-tree';
import type { Piece, Vocabulary } from './vocabulary';

/** The parts of a vocabulary that the search needs. */
interface Pieces {
  tree: PieceTree;
  /** Log probabilities by id. */
  scores: Float64Array;
  unknownId: number;
  unknownScore: number;
}

/** How much less likely an unknown character is than any piece (SentencePiece). */
const unknownPenalty = 10;

/**
 * SentencePiece's Unigram. A vocabulary contains `<s>` and similar tokens as pieces. Those in `controlTokens` are never
 * found in a text.
 */
export function createUnigramVocabulary(json: UnigramJson, controlTokens: ReadonlySet<string>): Vocabulary {
  const { vocab, unk_id: unknownId } = json;
  const scores = new Float64Array(vocab.length);
  let lowest = Infinity;
  vocab.forEach(([, score], id) => {
    scores[id] = score;
    lowest = Math.min(lowest, score);
  });
  const numbered = vocab.map(([piece], id): [string, number] => [piece, id]);
  const tree = createPieceTree(numbered.filter(([piece, id]) => id === unknownId || !controlTokens.has(piece)));
  const pieces = { tree, scores, unknownId, unknownScore: lowest - unknownPenalty };
  return {
    kind: 'unigram',
    pieces: (word) => bestPieces(pieces, word),
    idsByToken: new Map(numbered),
  };
}

/**
 * The most likely segmentation of one word (Viterbi over the vocabulary's log probabilities; Kudo 2018). Text after a
 * piece never changes the pieces before it. Ties are resolved as in the reference. A word can have 400,000 characters,
 * because a text of 100,000 can normalise to that, so only three numbers are kept per character.
 */
function bestPieces({ tree, scores, unknownId, unknownScore }: Pieces, word: string): Piece[] {
  const codePoints = Array.from(word, (character) => character.codePointAt(0) as number);
  const count = codePoints.length;
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
    let node = 0;
    let hasSingle = false;
    for (let end = start + 1; end <= count; end++) {
      node = tree.next(node, at(codePoints, end - 1));
      if (node === 0) break;
      const pieceId = tree.idAt(node);
      if (pieceId < 0) continue;
      reach(start, end, { id: pieceId, score: at(scores, pieceId) });
      if (end === start + 1) hasSingle = true;
    }
    if (!hasSingle) reach(start, start + 1, { id: unknownId, score: unknownScore });
  }
  return readBack({ codePoints, from, id, unknownId });
}

/** Reads the path from its end and reverses it. Neighbouring unknown characters form one token. */
function readBack(path: { codePoints: number[]; from: Int32Array; id: Int32Array; unknownId: number }): Piece[] {
  const pieces: Piece[] = [];
  let end = path.codePoints.length;
  while (end > 0) {
    const start = at(path.from, end);
    const length = path.codePoints.slice(start, end).reduce((sum, code) => sum + (code > 0xffff ? 2 : 1), 0);
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
