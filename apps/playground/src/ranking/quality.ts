/** 0 not relevant, 1 on topic, 2 answers in part, 3 answers. */
export type Grade = 0 | 1 | 2 | 3;

/** The user's grades, by index of the document. */
export type Grades = ReadonlyMap<number, Grade>;

/** The quality of an order by the user's grades. */
export interface RankingQuality {
  /** nDCG, 0 to 1; null if no document was graded above 0, because then all orders are equally good. */
  ndcg: number | null;
  /** One over the rank of the first document graded above 0, otherwise 0; null if no document was graded. */
  reciprocalRank: number | null;
}

/**
 * Evaluates an order (indices, best first) as the gateway evaluates feedback: nDCG with the gain 2^grade - 1 and the
 * discount log2(rank + 1) (`ranking-quality.ts` of the contract). Documents without a grade count as 0.
 *
 * @param depth number of ranks that nDCG uses
 */
export function rankingQuality(order: readonly number[], grades: Grades, depth = 10): RankingQuality {
  if (grades.size === 0) return { ndcg: null, reciprocalRank: null };
  const ranked = order.map((index) => grades.get(index) ?? 0);
  const best = [...grades.values()].sort((left, right) => right - left);
  const ideal = discountedGain(best.slice(0, depth));
  const firstRelevant = ranked.findIndex((grade) => grade > 0);
  return {
    ndcg: ideal === 0 ? null : Math.min(1, discountedGain(ranked.slice(0, depth)) / ideal),
    reciprocalRank: firstRelevant === -1 ? 0 : 1 / (firstRelevant + 1),
  };
}

function discountedGain(grades: readonly number[]): number {
  return grades.reduce((sum, grade, position) => sum + (2 ** grade - 1) / Math.log2(position + 2), 0);
}
