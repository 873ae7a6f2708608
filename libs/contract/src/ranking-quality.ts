/** The number of ranks that count for quality: what a user looks at, or a prompt has room for. */
export const qualityDepth = 10;

/**
 * Normalised discounted cumulative gain over the first {@link qualityDepth} ranks (Järvelin and Kekäläinen, 2002, with
 * the gain 2^grade - 1 of Burges et al., 2005), 0 to 1.
 *
 * @param ranked grade of the document at each rank, best rank first; 0 for an ungraded one
 * @param judged all grades, in any order; they determine the best possible order
 * @returns undefined if no grade is above 0, because all orders are then equally good
 */
export function ndcg(ranked: readonly number[], judged: readonly number[]): number | undefined {
  const ideal = discountedGain([...judged].sort((left, right) => right - left));
  return ideal === 0 ? undefined : Math.min(1, discountedGain(ranked) / ideal);
}

function discountedGain(grades: readonly number[]): number {
  return grades.slice(0, qualityDepth).reduce((sum, grade, place) => sum + (2 ** grade - 1) / Math.log2(place + 2), 0);
}

/**
 * One divided by the rank of the first relevant document; 0 if there is none.
 *
 * @param isRelevant one entry per rank, best rank first
 */
export function reciprocalRank(isRelevant: readonly boolean[]): number {
  const place = isRelevant.indexOf(true);
  return place === -1 ? 0 : 1 / (place + 1);
}
