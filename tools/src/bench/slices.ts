/** What bounds a batch: cells of the padded call (longest row x rows), and rows. */
export interface SliceLimits {
  tokenBudget: number;
  maxRows: number;
}

/**
 * The best that batching can do with all rows at hand: longest first, so that neighbours are of almost equal length,
 * cut where the next row would pass the limits. A row longer than the budget goes alone.
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

/** What most servers do: the rows as they came, so many a call. */
export function arrivalSlices<Row>(rows: readonly Row[], count: number): Row[][] {
  const slices: Row[][] = [];
  for (let first = 0; first < rows.length; first += count) slices.push(rows.slice(first, first + count));
  return slices;
}
