import { wireVersion, type Failure, type JobOutcome, type RerankJob } from '@rerank-fleet/contract';
import type { EncodedDocument, EncodedQuery } from '@rerank-fleet/scoring';
import type { QueryToPrepare } from '../rows/batch-rows';
import type { EncodedJob } from '../rows/encoding';
import type { SharedQuery } from '../rows/shared-query';

/** A job between its take and its outcome. It settles exactly once and ignores later calls. */
export interface PendingJob {
  readonly job: RerankJob;
  readonly settled: boolean;
  /** Reports the start of a batch. The inference time lasts from the first start to the last end. */
  started(now: number): void;
  /** Adds one document's logit. The last one settles the job. */
  scored(index: number, logit: number, now: number): void;
  fail(failure: Failure): void;
}

/** A row that waits for a batch: one document of one job. */
export interface PendingRow {
  job: PendingJob;
  index: number;
  query: EncodedQuery;
  document: EncodedDocument;
}

/** A query that waits for a session, and the jobs that wait for it. */
export interface PendingQuery {
  /** What to prepare, when a session begins. */
  toPrepare(): QueryToPrepare;
  jobs: ReadonlySet<PendingJob>;
  /** Called once a session is done with it, with what there is to keep. */
  done(prepared: SharedQuery | undefined): void;
}

/** What a session can be given next. */
export type PendingWork = PendingRow | PendingQuery;

export interface PendingJobOptions {
  job: RerankJob;
  queueWaitMs: number;
  encoded: EncodedJob;
  settle(outcome: JobOutcome): void;
}

export function createPendingJob({ job, queueWaitMs, encoded, settle }: PendingJobOptions): PendingJob {
  const logits = new Array<number | undefined>(encoded.documents.length).fill(undefined);
  let open = logits.length;
  let settled = false;
  let startedAtMs: number | undefined;
  const end = (outcome: JobOutcome) => {
    if (settled) return;
    settled = true;
    settle(outcome);
  };
  return {
    job,
    get settled() {
      return settled;
    },
    started(now) {
      startedAtMs ??= now;
    },
    scored(index, logit, now) {
      if (settled || logits[index] !== undefined) return;
      logits[index] = logit;
      open--;
      if (open > 0) return;
      const inferenceMs = now - (startedAtMs ?? now);
      end({
        v: wireVersion,
        requestId: job.requestId,
        part: job.part,
        ok: true,
        logits: logits as number[],
        tokens: {
          query: encoded.query.tokens,
          documents: encoded.documents.reduce((sum, document) => sum + document.keptTokens, 0),
        },
        ...(job.returnTokens && { documentTokens: encoded.documents.map(({ keptTokens }) => keptTokens) }),
        truncated: encoded.documents.flatMap(({ truncation }, position) =>
          truncation ? [{ index: job.firstDocument + position, ...truncation }] : [],
        ),
        timings: { queueMs: queueWaitMs, tokenizationMs: encoded.durationMs, inferenceMs },
      });
    },
    fail(failure) {
      end(failureOutcome(job, failure));
    },
  };
}

export function failureOutcome(job: RerankJob, failure: Failure): JobOutcome {
  return { v: wireVersion, requestId: job.requestId, part: job.part, ok: false, failure };
}
