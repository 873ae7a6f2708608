/** One row that waits for a batch. */
export interface BatchItem<T> {
  value: T;
  /** Cost of the row alone, a positive whole number. In a batch a row costs what the longest one does. */
  tokens: number;
  /** Rows of different groups never share a batch. */
  group: string;
  /** 0 is the most urgent. */
  priority: number;
  /** Milliseconds, on the clock that the batcher was given. */
  enqueuedAtMs: number;
}

/**
 * Why no further row joined a batch: the rule that kept out the row of nearest length, or `drained` when the group
 * had no row left.
 */
export type CloseReason = 'budget' | 'rows' | 'padding' | 'drained';

/** Rows of one group to run in one call. The first is the seed: the most urgent of all that were pending. */
export interface Batch<T> {
  items: BatchItem<T>[];
  longestTokens: number;
  /** Sum of the rows' own tokens. */
  tokens: number;
  /** Cells of the padded call: longest x rows. */
  paddedTokens: number;
  /** Wait of the row that has waited longest, never negative. */
  oldestWaitMs: number;
  closedBy: CloseReason;
}

/** What bounds a batch of two rows or more; a single row is always allowed. */
export interface BatchLimits {
  /** Most padded cells: longest x rows. */
  tokenBudget: number;
  maxRows: number;
  /** Most of the padded cells that may be padding, a share of 1. */
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

/** The first limit that a batch of this size breaks; undefined when it is within all of them. */
export function brokenLimit(size: BatchSize, limits: BatchLimits): Exclude<CloseReason, 'drained'> | undefined {
  const padded = paddedTokens(size);
  if (size.rows > limits.maxRows) return 'rows';
  if (padded > limits.tokenBudget) return 'budget';
  if (padded - size.tokens > limits.maxPaddingRatio * padded) return 'padding';
  return undefined;
}
