import type { JobOutcomeLabel } from '@rerank-fleet/contract';
import { jobOutcomeLabels } from '@rerank-fleet/contract';
import type { ContainerReader } from './container-metrics';
import { containerMetrics } from './container-metrics';
import type { Exposition } from './exposition';
import { exposition } from './exposition';
import type { GpuRecorders } from './gpu-metrics';
import { gpuRecorders } from './gpu-metrics';
import type { MetricsRegistry } from './instruments';
import {
  counter,
  createRegistry,
  gauge,
  startedCounter,
  startedHistogram,
  startedTracedHistogram,
  toSeconds,
} from './instruments';
import type { DropReason, RedisTrouble } from './labels';
import { dropReasons, tokenKinds } from './labels';
import { redisRecorder } from './redis-metrics';
import { highScoreMin, workerCatalogue } from './worker-catalogue';

/** What one worker process runs; constant for its life. */
export interface WorkerMetricsOptions {
  /** Name of the bundle, without its version. */
  model: string;
  /** `<name>@<version>`. */
  queue: string;
  provider: string;
  revision: string;
  dtype: string;
  /** Inference sessions. */
  sessions: number;
  /** Asked at each scrape for what the container uses; left out where nobody wants to know. */
  container?: ContainerReader;
}

/** One run of the model. */
export interface BatchFacts {
  durationMs: number;
  /** Rows of the batch. */
  documents: number;
  /** Tokens of all rows, without padding. */
  tokens: number;
  /** Tokens that the model ran: longest row x rows, so never fewer than `tokens`. */
  paddedTokens: number;
  /** Trace of the batch, if it is recorded: becomes an exemplar of its duration. */
  traceId?: string;
}

/** The worker's recording methods. All of them are cheap and synchronous; durations below 0 count as 0. */
export interface WorkerMetrics extends Exposition, GpuRecorders {
  /** One job was settled; call after its outcome was written. */
  jobSettled(outcome: JobOutcomeLabel): void;
  /** How long a job lay on the queue, when it is taken. */
  queueWaited(waitMs: number, traceId?: string): void;
  /** The texts of one job became token ids. */
  tokenized(durationMs: number, traceId?: string): void;
  /** The model ran once; also counts the padding tokens. */
  batchRun(batch: BatchFacts): void;
  /** Tokens of one job without padding: its query once, and the kept tokens of its documents. */
  tokensRead(tokens: { query: number; documents: number }): void;
  /** So many documents were cut. */
  truncated(documents: number): void;
  /** For so many documents the model gave no number. */
  invalidScores(documents: number): void;
  /** Relevance scores, finite and within 0 to 1. */
  scored(scores: readonly number[]): void;
  /** Loading, warm-up included, took so long. */
  modelLoaded(durationMs: number): void;
  ready(isReady: boolean): void;
  /** Why Redis cannot be worked with; undefined: it can. */
  redisTrouble(trouble: RedisTrouble | undefined): void;
  /** A job without a live lock was put back. */
  stalled(): void;
  /** A job was taken that had been tried before. */
  retried(): void;
  /** A batch was too large for the device and was cut in two. */
  batchSplit(): void;
  /** So many documents of a taken job are not scored. */
  dropped(reason: DropReason, documents: number): void;
}

/** Builds the metrics of one worker on a registry of their own, every series of its bundle at 0. */
export function createWorkerMetrics(options: WorkerMetricsOptions): WorkerMetrics {
  const registry = createRegistry();
  containerMetrics(registry, options.container);
  const { model, queue } = options;
  return {
    ...exposition(registry),
    ...jobRecorders(registry, queue),
    ...documentRecorders(registry, model),
    ...batchRecorders(registry, model, options.provider),
    ...modelRecorders(registry, options),
    ...gpuRecorders(registry),
    ...redisRecorder(registry),
  };
}

function jobRecorders(registry: MetricsRegistry, queue: string) {
  const jobs = counter(registry, workerCatalogue.jobs);
  for (const outcome of jobOutcomeLabels) jobs.inc({ queue, outcome }, 0);
  const stalled = startedCounter(registry, workerCatalogue.jobsStalled, { queue });
  const retries = startedCounter(registry, workerCatalogue.jobRetries, { queue });
  const wait = startedTracedHistogram(registry, workerCatalogue.queueWait, { queue });
  return {
    jobSettled: (outcome: JobOutcomeLabel) => jobs.inc({ queue, outcome }),
    queueWaited: (waitMs: number, traceId?: string) => wait(toSeconds(waitMs), traceId),
    stalled: () => stalled.inc(),
    retried: () => retries.inc(),
  };
}

function documentRecorders(registry: MetricsRegistry, model: string) {
  const truncated = startedCounter(registry, workerCatalogue.truncatedDocuments, { model });
  const tokenize = startedTracedHistogram(registry, workerCatalogue.tokenizeDuration, { model });
  const invalid = startedCounter(registry, workerCatalogue.invalidScores, { model });
  const scores = startedHistogram(registry, workerCatalogue.scores, { model });
  const highScores = startedCounter(registry, workerCatalogue.highScores, { model });
  const dropped = counter(registry, workerCatalogue.droppedDocuments);
  for (const reason of dropReasons) dropped.inc({ model, reason }, 0);
  return {
    tokenized: (durationMs: number, traceId?: string) => tokenize(toSeconds(durationMs), traceId),
    truncated: (documents: number) => truncated.inc(documents),
    invalidScores: (documents: number) => invalid.inc(documents),
    scored: (values: readonly number[]) => {
      for (const score of values) scores.observe(score);
      highScores.inc(values.filter((score) => score >= highScoreMin).length);
    },
    dropped: (reason: DropReason, documents: number) => dropped.inc({ model, reason }, documents),
  };
}

function batchRecorders(registry: MetricsRegistry, model: string, provider: string) {
  const tokens = counter(registry, workerCatalogue.tokens);
  for (const kind of tokenKinds) tokens.inc({ model, kind }, 0);
  const duration = startedTracedHistogram(registry, workerCatalogue.inferenceDuration, { model, provider });
  const rows = startedHistogram(registry, workerCatalogue.batchDocuments, { model });
  const cells = startedHistogram(registry, workerCatalogue.batchTokens, { model });
  const paddingRatio = startedHistogram(registry, workerCatalogue.batchPadding, { model });
  const splits = startedCounter(registry, workerCatalogue.batchSplits, { model });
  return {
    batchRun: (batch: BatchFacts) => {
      const padding = Math.max(0, batch.paddedTokens - batch.tokens);
      duration(toSeconds(batch.durationMs), batch.traceId);
      rows.observe(batch.documents);
      cells.observe(batch.paddedTokens);
      paddingRatio.observe(batch.paddedTokens > 0 ? padding / batch.paddedTokens : 0);
      tokens.inc({ model, kind: 'padding' }, padding);
    },
    tokensRead: (read: { query: number; documents: number }) => {
      tokens.inc({ model, kind: 'query' }, read.query);
      tokens.inc({ model, kind: 'document' }, read.documents);
    },
    batchSplit: () => splits.inc(),
  };
}

function modelRecorders(registry: MetricsRegistry, options: WorkerMetricsOptions) {
  const { model, revision, dtype, provider } = options;
  gauge(registry, workerCatalogue.modelInfo).set({ model, revision, dtype, provider }, 1);
  gauge(registry, workerCatalogue.modelSessions).set({ model }, options.sessions);
  const loadTime = gauge(registry, workerCatalogue.modelLoadTime).labels({ model });
  const readiness = gauge(registry, workerCatalogue.modelReady).labels({ model });
  readiness.set(0);
  return {
    modelLoaded: (durationMs: number) => loadTime.set(toSeconds(durationMs)),
    ready: (isReady: boolean) => readiness.set(isReady ? 1 : 0),
  };
}
