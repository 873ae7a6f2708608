import type { Failure, Result } from '@rerank-fleet/contract';
import type { DocumentOptions, EncodedDocument, EncodedQuery, QueryInput } from '@rerank-fleet/scoring';

/** One unit of the encoder's work: some documents of a job, for its query. */
export interface EncodeSlice extends DocumentOptions {
  /** The query's text, or its encoding from an earlier slice of the job. */
  query: QueryInput | EncodedQuery;
  documents: readonly string[];
}

/** The result of encoding a job or a slice of it. */
export interface EncodedJob {
  query: EncodedQuery;
  documents: EncodedDocument[];
  durationMs: number;
}

export type EncodeResult = Result<EncodedJob, { failure: Failure; durationMs: number }>;
