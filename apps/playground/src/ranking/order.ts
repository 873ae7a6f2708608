/** The part of a result that an order is made of. */
export interface ScoredDocument {
  index: number;
  score: number;
}

/** Where a document was and where the ranking put it. */
export interface Movement {
  index: number;
  /** Position in the request, from 1. */
  before: number;
  /** Position in the ranking, from 1. */
  after: number;
  /** Places gained: +3 is three up, -2 two down. */
  gained: number;
  /** Rank by score: documents with the same score share the best of their positions (1, 2, 2, 4). */
  rank: number;
  /** Another document has the same score, so that their order is that of the request. */
  isTied: boolean;
}

/** Movements in the order of the ranking (`results` best first). */
export function movements(results: readonly ScoredDocument[]): Movement[] {
  const positionsByScore = new Map<number, number[]>();
  results.forEach(({ score }, place) => {
    const positions = positionsByScore.get(score);
    if (positions) positions.push(place + 1);
    else positionsByScore.set(score, [place + 1]);
  });
  return results.map(({ index, score }, place) => {
    const before = index + 1;
    const after = place + 1;
    const [rank = after, ...others] = positionsByScore.get(score) ?? [];
    return { index, before, after, gained: before - after, rank, isTied: others.length > 0 };
  });
}

/** How many results have at least this score. */
export function countFrom(results: readonly ScoredDocument[], threshold: number): number {
  return results.filter(({ score }) => score >= threshold).length;
}
