/** Ranks of values from 1 on; equal values share the mean of their ranks. */
function ranks(values: readonly number[]): number[] {
  return values.map((value) => {
    const smaller = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return smaller + (equal + 1) / 2;
  });
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Spearman's rank correlation: the correlation of the ranks. 1 if one of the lists has a single value only. */
export function rankCorrelation(left: readonly number[], right: readonly number[]): number {
  const [a, b] = [ranks(left), ranks(right)];
  const [meanA, meanB] = [mean(a), mean(b)];
  const covariance = mean(a.map((rank, index) => (rank - meanA) * ((b[index] ?? NaN) - meanB)));
  const spread = (of: readonly number[], middle: number) => Math.sqrt(mean(of.map((rank) => (rank - middle) ** 2)));
  const product = spread(a, meanA) * spread(b, meanB);
  return product === 0 ? 1 : covariance / product;
}

/** The index of the largest value, the first of equal ones. */
export function indexOfLargest(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}
