import type { Failure, Refused, RerankJob } from '@rerank-fleet/contract';
import type { EncodedDocument, EncodedQuery } from '@rerank-fleet/scoring';
import type { EncodeResult, EncodeSlice } from '../rows/encoding';

/** Why a job is dropped. */
export type DropReason = 'cancelled' | 'expired';

export type EncodeJobResult = EncodeResult | Refused<{ failure: Failure; durationMs: number; dropped: DropReason }>;

export const dropFailures: Record<DropReason, Failure> = {
  cancelled: { code: 'cancelled', message: 'The caller disconnected.' },
  expired: { code: 'deadline_exceeded', message: 'The request was not scored within its wait.' },
};

export interface EncodeJobOptions {
  /** Encodes a slice. Slices of other jobs may be encoded before or at the same time. */
  encode(slice: EncodeSlice): Promise<EncodeResult>;
  dropReason(job: RerankJob): DropReason | undefined;
  /** Called after each slice with its share of the job's estimated cost and its duration. */
  onSlice(estimatedTokens: number, durationMs: number): void;
}

/**
 * Encodes a job slice by slice. All jobs share the encoders. Between their slices, other jobs get a turn, and a job that
 * is cancelled or expired costs at most the current slice.
 */
export async function encodeJob(job: RerankJob, options: EncodeJobOptions): Promise<EncodeJobResult> {
  const { encode, dropReason, onSlice } = options;
  const { query, instruction, maxTokensPerDocument, truncationSide } = job;
  const tokensPerCharacter = job.estimatedTokens / charactersOf(job.documents);
  const documents: EncodedDocument[] = [];
  let encodedQuery: EncodedQuery | undefined;
  let durationMs = 0;
  for (const slice of slicesOf(job.documents)) {
    const dropped = dropReason(job);
    if (dropped !== undefined) return { ok: false, failure: dropFailures[dropped], durationMs, dropped };
    const result = await encode({
      query: encodedQuery ?? { query, ...(instruction !== undefined && { instruction }) },
      documents: slice,
      ...(maxTokensPerDocument !== undefined && { maxTokensPerDocument }),
      ...(truncationSide !== undefined && { truncationSide }),
    });
    durationMs += result.durationMs;
    if (!result.ok) return { ...result, durationMs };
    onSlice(charactersOf(slice) * tokensPerCharacter, result.durationMs);
    encodedQuery = result.query;
    documents.push(...result.documents);
  }
  if (encodedQuery === undefined) throw new Error('a job without documents');
  return { ok: true, query: encodedQuery, documents, durationMs };
}

/** Adds one per document, so that empty documents have a share too. */
function charactersOf(documents: readonly string[]): number {
  return documents.reduce((sum, { length }) => sum + length + 1, 0);
}

/** Characters per slice: about 20 ms of ordinary text. A longer document is a slice of its own. */
const sliceCharacters = 16_384;

/** The documents in groups of at most {@link sliceCharacters} UTF-16 code units, in order, at least one per group. */
export function* slicesOf(documents: readonly string[]): Generator<readonly string[]> {
  let first = 0;
  let characters = 0;
  for (const [index, document] of documents.entries()) {
    if (index > first && characters + document.length > sliceCharacters) {
      yield documents.slice(first, index);
      first = index;
      characters = 0;
    }
    characters += document.length;
  }
  if (first < documents.length) yield documents.slice(first);
}
