import type { ScoredDocument } from './order';

/** A document in two rankings. */
export interface ComparedDocument {
  index: number;
  /** Positions from 1. */
  left: number;
  right: number;
  /** Places gained on the right: +3 is three up. */
  gained: number;
  leftScore: number;
  rightScore: number;
}

/** How much two rankings of the same documents agree. */
export interface Comparison {
  /** Kendall's tau-b, -1 (reversed) to 1 (same order); null when a side has one score only, or one document. */
  kendallTauB: number | null;
  /** Share of the first `depth` documents that both sides have there, 0 to 1. */
  overlap: number;
  /** What was asked for, or the number of documents where that is less. */
  depth: number;
  meanAbsoluteScoreDifference: number;
  /** All documents, the most moved first; equal moves by difference of score, then by index. */
  movers: ComparedDocument[];
}

/**
 * Compares two rankings (each best first) of the same documents; what only one of them holds is left out.
 * Undefined when they have nothing in common.
 *
 * @param depth how far down `overlap` looks
 */
export function compareRankings(
  left: readonly ScoredDocument[],
  right: readonly ScoredDocument[],
  depth = 10,
): Comparison | undefined {
  const movers = inBoth(left, right);
  if (movers.length === 0) return undefined;
  const usedDepth = Math.min(depth, movers.length);
  const shared = movers.filter((document) => document.left <= usedDepth && document.right <= usedDepth).length;
  return {
    kendallTauB: kendallTauB(movers.map(({ leftScore, rightScore }) => [leftScore, rightScore])),
    overlap: shared / usedDepth,
    depth: usedDepth,
    meanAbsoluteScoreDifference: movers.reduce((sum, each) => sum + scoreDifference(each), 0) / movers.length,
    movers: movers.sort(byMovement),
  };
}

/**
 * Kendall's tau-b (1945) of pairs of scores: concordant less discordant pairs over the geometric mean of the pairs
 * that either side does not tie. Null where a side ties all.
 */
export function kendallTauB(scores: readonly (readonly [number, number])[]): number | null {
  let agreement = 0;
  let untiedLeft = 0;
  let untiedRight = 0;
  scores.forEach(([left, right], place) => {
    for (let other = 0; other < place; other += 1) {
      const [otherLeft, otherRight] = scores[other] ?? [left, right];
      const leftSign = Math.sign(left - otherLeft);
      const rightSign = Math.sign(right - otherRight);
      agreement += leftSign * rightSign;
      untiedLeft += leftSign * leftSign;
      untiedRight += rightSign * rightSign;
    }
  });
  if (untiedLeft === 0 || untiedRight === 0) return null;
  return agreement / Math.sqrt(untiedLeft * untiedRight);
}

function inBoth(left: readonly ScoredDocument[], right: readonly ScoredDocument[]): ComparedDocument[] {
  const inLeft = new Set(left.map(({ index }) => index));
  const commonRight = right.filter(({ index }) => inLeft.has(index));
  const rightByIndex = new Map(commonRight.map(({ index, score }, place) => [index, { place, score }]));
  return left
    .flatMap(({ index, score }) => {
      const other = rightByIndex.get(index);
      return other ? [{ index, score, other }] : [];
    })
    .map(({ index, score, other }, place) => ({
      index,
      left: place + 1,
      right: other.place + 1,
      gained: place - other.place,
      leftScore: score,
      rightScore: other.score,
    }));
}

function scoreDifference({ leftScore, rightScore }: ComparedDocument): number {
  return Math.abs(leftScore - rightScore);
}

function byMovement(one: ComparedDocument, other: ComparedDocument): number {
  return (
    Math.abs(other.gained) - Math.abs(one.gained) ||
    scoreDifference(other) - scoreDifference(one) ||
    one.index - other.index
  );
}
