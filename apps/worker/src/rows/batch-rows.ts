import type { EncodedDocument, EncodedQuery } from '@rerank-fleet/scoring';

/** The rows of one call of the model. Structured-cloneable. */
export interface BatchRows {
  queries: EncodedQuery[];
  /** Each row names its query by position. */
  rows: { query: number; document: EncodedDocument }[];
}

/** What one call of the model gave. */
export interface BatchScores {
  /** In the order of the rows; of a row for which the model gave no number one that is not finite. */
  logits: Float64Array;
  durationMs: number;
}

/** One device's session in its own thread. */
export interface SessionRunner {
  run(batch: BatchRows): Promise<BatchScores>;
}
