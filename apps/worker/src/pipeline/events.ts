import type { JobOutcome, RerankJob } from '@rerank-fleet/contract';
import type { TakenJob } from '@rerank-fleet/queue';
import type { DropReason, EncodeJobResult } from './encode-job';
import type { PendingRow } from './pending-job';

/** A run of the model that has begun. All events of the run get the same object. */
export interface BatchRun {
  readonly rows: readonly PendingRow[];
  readonly startedAtMs: number;
}

/** The numbers of one run of the model. */
export interface BatchFigures {
  durationMs: number;
  documents: number;
  tokens: number;
  /** Cells of the call: longest row x rows. */
  paddedTokens: number;
}

/** Events that the pipeline reports after the fact. All events of a job get the same object. */
export interface PipelineEvents {
  taken(taken: TakenJob): void;
  encodingStarted(job: RerankJob): void;
  /** Without a result, the encoding failed. */
  encoded(job: RerankJob, result: EncodeJobResult | undefined): void;
  /** A query was prepared, apart from its rows. */
  queryPrepared(): void;
  batchStarted(run: BatchRun): void;
  batchRun(run: BatchRun, end: { endedAtMs: number; figures: BatchFigures }): void;
  /** Can follow `batchRun`, if the scores could not be assigned to the jobs. */
  batchFailed(run: BatchRun, end: { endedAtMs: number; errorType: string }): void;
  batchSplit(): void;
  dropped(reason: DropReason, documents: number): void;
  /** The model returned no finite number for these documents of a request, given as indices in it. */
  invalidScores(job: RerankJob, documents: readonly number[]): void;
  /** The last event of a job. `isSettled`: Redis has its outcome. */
  ended(job: RerankJob, outcome: JobOutcome, isSettled: boolean): void;
  /** A job failed before its first batch, most likely during its encoding. */
  jobFailed(job: RerankJob, error: unknown): void;
  /** A run for one or more requests failed and cannot be split further. */
  inferenceFailed(jobs: readonly RerankJob[], error: unknown): void;
}
