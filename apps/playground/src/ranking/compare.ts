import type { ScoredDocument } from './order';

/** A document in two rankings. */
export interface ComparedDocument {
  index: number;
  /** Positions from 1. */
  left: number;
  right: number;
  /** Positions gained on the right: +3 is three up. */
  gained: number;
  leftScore: number;
  rightScore: number;
}

/** How much two rankings of the same documents agree. */
export interface Comparison {
  /** Kendall's tau-b, -1 (reversed) to 1 (same order); null for one document, or if all scores of a side are equal. */
  kendallTauB: number | null;
  /** Share of documents that are among the first `depth` on both sides, 0 to 1. */
  overlap: number;
  /** The requested depth, or the number of documents if that is lower. */
  depth: number;
  meanAbsoluteScoreDifference: number;
  /** All documents, sorted by movement (largest first), then by difference of score, then by index. */
  movers: ComparedDocument[];
}

/**
 * Compares two rankings (each best first) of the same documents. Documents of only one ranking are left out.
 * Undefined if no document is in both.
 *
 * @param depth number of first ranks that `overlap` compares
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
 * Kendall's tau-b (1945) of pairs of scores: concordant minus discordant pairs, divided by the geometric mean of the
 * numbers of pairs that each side does not tie. Null if a side ties all pairs.
 */
export function kendallTauB(scores: readonly (readonly [number, number])[]): number | null {
  let agreement = 0;
  let untiedLeft = 0;
  let untiedRight = 0;
  scores.forEach(([left, right], position) => {
    for (let other = 0; other < position; other += 1) {
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
  const rightByIndex = new Map(commonRight.map(({ index, score }, position) => [index, { position, score }]));
  return left
    .flatMap(({ index, score }) => {
      const other = rightByIndex.get(index);
      return other ? [{ index, score, other }] : [];
    })
    .map(({ index, score, other }, position) => ({
      index,
      left: position + 1,
      right: other.position + 1,
      gained: position - other.position,
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
