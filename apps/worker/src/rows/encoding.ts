import type { Failure, Result } from '@rerank-fleet/contract';
import type { DocumentOptions, EncodedDocument, EncodedQuery, QueryInput } from '@rerank-fleet/scoring';

/** What the encoder does in one turn: some documents of a job, for its query. */
export interface EncodeSlice extends DocumentOptions {
  /** Its text, or what an earlier slice of the job made of it. */
  query: QueryInput | EncodedQuery;
  documents: readonly string[];
}

/** What encoding a job, or a slice of it, gave. */
export interface EncodedJob {
  query: EncodedQuery;
  documents: EncodedDocument[];
  durationMs: number;
}

export type EncodeResult = Result<EncodedJob, { failure: Failure; durationMs: number }>;
