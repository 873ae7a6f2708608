/** The part of a result that determines its order. */
export interface ScoredDocument {
  index: number;
  score: number;
}

/** The positions of a document before and after the ranking. */
export interface Movement {
  index: number;
  /** Position in the request, from 1. */
  before: number;
  /** Position in the ranking, from 1. */
  after: number;
  /** Positions gained: +3 is three up, -2 is two down. */
  gained: number;
  /** Rank by score. Documents with the same score share the best of their positions (1, 2, 2, 4). */
  rank: number;
  /** Another document has the same score. Their order is that of the request. */
  isTied: boolean;
}

/** The movement of each document, in the order of the ranking (`results` best first). */
export function movements(results: readonly ScoredDocument[]): Movement[] {
  const positionsByScore = new Map<number, number[]>();
  results.forEach(({ score }, position) => {
    const positions = positionsByScore.get(score);
    if (positions) positions.push(position + 1);
    else positionsByScore.set(score, [position + 1]);
  });
  return results.map(({ index, score }, position) => {
    const before = index + 1;
    const after = position + 1;
    const [rank = after, ...others] = positionsByScore.get(score) ?? [];
    return { index, before, after, gained: before - after, rank, isTied: others.length > 0 };
  });
}

/** The number of results with at least this score. */
export function countFrom(results: readonly ScoredDocument[], threshold: number): number {
  return results.filter(({ score }) => score >= threshold).length;
}
