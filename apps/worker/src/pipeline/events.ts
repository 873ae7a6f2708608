import type { JobOutcome, RerankJob } from '@rerank-fleet/contract';
import type { TakenJob } from '@rerank-fleet/queue';
import type { DropReason, EncodeJobResult } from './encode-job';
import type { PendingRow } from './pending-job';

/** A run of the model that has begun. The same object in all events of the run. */
export interface BatchRun {
  readonly rows: readonly PendingRow[];
  readonly startedAtMs: number;
}

/** One run of the model in figures. */
export interface BatchFigures {
  durationMs: number;
  documents: number;
  tokens: number;
  /** Longest row x rows. */
  paddedTokens: number;
}

/** What the pipeline reports, after the fact. A job is the same object in all its events. */
export interface PipelineEvents {
  taken(taken: TakenJob): void;
  encodingStarted(job: RerankJob): void;
  /** Without a result the encoding failed. */
  encoded(job: RerankJob, result: EncodeJobResult | undefined): void;
  batchStarted(run: BatchRun): void;
  batchRun(run: BatchRun, end: { endedAtMs: number; figures: BatchFigures }): void;
  /** Also after `batchRun`, where its scores could not be given to the jobs. */
  batchFailed(run: BatchRun, end: { endedAtMs: number; errorType: string }): void;
  batchSplit(): void;
  dropped(reason: DropReason, documents: number): void;
  /** The model gave no number for these documents of one request, by their positions in it. */
  invalidScores(job: RerankJob, documents: readonly number[]): void;
  /** The last event of a job. Redis has its outcome, or could not take it. */
  ended(job: RerankJob, outcome: JobOutcome, isSettled: boolean): void;
  /** A job failed before its first batch, most likely while it was encoded. */
  jobFailed(job: RerankJob, error: unknown): void;
  /** An inference failed that cannot be split any further, for one or more requests. */
  inferenceFailed(jobs: readonly RerankJob[], error: unknown): void;
}
