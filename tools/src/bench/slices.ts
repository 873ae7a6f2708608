/** Limits of a batch: cells of the padded call (longest row x rows), and rows. */
export interface SliceLimits {
  tokenBudget: number;
  maxRows: number;
}

/**
 * The best batching when all rows are known: the rows are sorted by length, longest first, and a new batch starts where
 * the next row would exceed the limits. A row longer than the budget gets its own batch.
 */
export function sortedSlices<Row>(
  rows: readonly Row[],
  tokensOf: (row: Row) => number,
  { tokenBudget, maxRows }: SliceLimits,
): Row[][] {
  const slices: Row[][] = [];
  let longest = 0;
  for (const row of [...rows].sort((a, b) => tokensOf(b) - tokensOf(a))) {
    const slice = slices[slices.length - 1];
    if (slice && slice.length < maxRows && longest * (slice.length + 1) <= tokenBudget) {
      slice.push(row);
    } else {
      slices.push([row]);
      longest = tokensOf(row);
    }
  }
  return slices;
}

/** The batching of most servers: rows in the order of arrival, `count` rows per call. */
export function arrivalSlices<Row>(rows: readonly Row[], count: number): Row[][] {
  const slices: Row[][] = [];
  for (let first = 0; first < rows.length; first += count) slices.push(rows.slice(first, first + count));
  return slices;
}
