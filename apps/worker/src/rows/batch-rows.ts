import type { EncodedDocument, EncodedQuery } from '@rerank-fleet/scoring';
import type { SharedQuery } from './shared-query';

/** A query of a batch. */
export interface BatchQuery extends EncodedQuery {
  /** What was prepared for it. Without it, the session prepares the query. */
  prepared?: SharedQuery | undefined;
}

/** The rows of one call of the model. Structured-cloneable. */
export interface BatchRows {
  queries: BatchQuery[];
  /** Each row refers to its query by index. */
  rows: { query: number; document: EncodedDocument }[];
}

/** The result of one call of the model. */
export interface BatchScores {
  /** In the order of the rows. Not finite for a row without a valid score. */
  logits: Float64Array;
  durationMs: number;
}

/** A query to prepare, and another one that begins with the same tokens. Structured-cloneable. */
export interface QueryToPrepare {
  query: EncodedQuery;
  start?: KnownQueryStart | undefined;
}

/** The first tokens of a query, fewer than all, that a prepared query begins with too. */
export interface KnownQueryStart {
  prepared: SharedQuery;
  tokens: number;
}

export interface PreparedQuery {
  /** Undefined if the model gives values that are not numbers. */
  prepared: SharedQuery | undefined;
  durationMs: number;
}

/** One device's session in its own thread. */
export interface SessionRunner {
  run(batch: BatchRows): Promise<BatchScores>;
  /** The work that all documents of a query share, for sessions whose queries do not mix. */
  prepare(query: QueryToPrepare): Promise<PreparedQuery>;
}
