/** One row that waits for a batch. */
export interface BatchItem<T> {
  value: T;
  /** Cost of the row alone, a positive integer. In a batch, a row costs as much as the longest one. */
  tokens: number;
  /** Rows of different groups never share a batch. */
  group: string;
  /** 0 is the most urgent. */
  priority: number;
  /** Milliseconds, on the batcher's clock. */
  enqueuedAtMs: number;
}

/**
 * Why a batch has no further row: the limit that excluded the row of nearest length, or `drained` if the group had no
 * row left.
 */
export type CloseReason = 'budget' | 'rows' | 'padding' | 'drained';

/** Rows of one group to run in one call. The first is the seed: the most urgent of all pending rows. */
export interface Batch<T> {
  items: BatchItem<T>[];
  longestTokens: number;
  /** Sum of the rows' own tokens. */
  tokens: number;
  /** Cells of the padded call: longest row x rows. */
  paddedTokens: number;
  /** Wait of the oldest row, ms, never negative. */
  oldestWaitMs: number;
  closedBy: CloseReason;
}

/** The limits of a batch of two or more rows. A single row is always allowed. */
export interface BatchLimits {
  /** Maximum of padded cells: longest row x rows. */
  tokenBudget: number;
  maxRows: number;
  /** Maximum share of padding in the padded cells. */
  maxPaddingRatio: number;
}

/** The size of a batch that is being filled. */
export interface BatchSize {
  rows: number;
  longestTokens: number;
  /** Sum of the rows' own tokens. */
  tokens: number;
}

/** The size of a batch after one more row. */
export function withRow(size: BatchSize, tokens: number): BatchSize {
  return {
    rows: size.rows + 1,
    longestTokens: Math.max(size.longestTokens, tokens),
    tokens: size.tokens + tokens,
  };
}

/** Cells of the padded call. */
export function paddedTokens(size: BatchSize): number {
  return size.longestTokens * size.rows;
}

/** The first limit that a batch of this size exceeds; undefined if none. */
export function brokenLimit(size: BatchSize, limits: BatchLimits): Exclude<CloseReason, 'drained'> | undefined {
  const padded = paddedTokens(size);
  if (size.rows > limits.maxRows) return 'rows';
  if (padded > limits.tokenBudget) return 'budget';
  if (padded - size.tokens > limits.maxPaddingRatio * padded) return 'padding';
  return undefined;
}
