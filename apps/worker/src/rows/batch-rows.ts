import type { EncodedDocument, EncodedQuery } from '@rerank-fleet/scoring';

/** The rows of one call of the model. Structured-cloneable. */
export interface BatchRows {
  queries: EncodedQuery[];
  /** Each row refers to its query by index. */
  rows: { query: number; document: EncodedDocument }[];
}

/** The result of one call of the model. */
export interface BatchScores {
  /** In the order of the rows. Not finite for a row without a valid score. */
  logits: Float64Array;
  durationMs: number;
}

/** One device's session in its own thread. */
export interface SessionRunner {
  run(batch: BatchRows): Promise<BatchScores>;
}
