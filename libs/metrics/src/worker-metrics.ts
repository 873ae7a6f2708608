import type { JobOutcomeLabel, RedisTrouble } from '@rerank-fleet/contract';
import { jobOutcomeLabels } from '@rerank-fleet/contract';
import type { ContainerReader } from './container-metrics';
import type { Exposition } from './exposition';
import { exposition } from './exposition';
import type { GpuRecorders } from './gpu-metrics';
import { gpuRecorders } from './gpu-metrics';
import type { MetricsRegistry } from './instruments';
import { counter, gauge, startedCounter, startedHistogram, startedTracedHistogram, toSeconds } from './instruments';
import type { DropReason, QueryLookup } from './labels';
import { dropReasons, queryLookups, tokenKinds } from './labels';
import { redisRecorder } from './redis-metrics';
import { createRegistry } from './registry';
import { highScoreMin, workerCatalogue } from './worker-catalogue';

/** The model of a worker process; constant for its lifetime. */
export interface WorkerMetricsOptions {
  /** Name of the bundle, without its version. */
  model: string;
  /** `<name>@<version>`. */
  queue: string;
  provider: string;
  revision: string;
  dtype: string;
  /** Number of inference sessions. */
  sessions: number;
  /** Reads the container's usage, at each scrape. Undefined: no container metrics. */
  container?: ContainerReader;
}

/** One run of the model. */
export interface BatchFacts {
  durationMs: number;
  /** Number of rows of the batch. */
  documents: number;
  /** Tokens of all rows, without padding. */
  tokens: number;
  /** Tokens including padding: longest row x rows, so never fewer than `tokens`. */
  paddedTokens: number;
  /** Trace of the batch, if it is recorded. It becomes an exemplar of the duration. */
  traceId?: string;
}

/** The worker's recording methods. All are fast and synchronous. Negative durations count as 0. */
export interface WorkerMetrics extends Exposition, GpuRecorders {
  /** Counts a settled job. Call it after its outcome was written. */
  jobSettled(outcome: JobOutcomeLabel): void;
  /** Records how long a job was queued, when it is taken. */
  queueWaited(waitMs: number, traceId?: string): void;
  /** Records the tokenization of one job. */
  tokenized(durationMs: number, traceId?: string): void;
  /** Records one run of the model, and counts its padding tokens. */
  batchRun(batch: BatchFacts): void;
  /** Tokens of one job without padding: its query once, and the kept tokens of its documents. */
  tokensRead(tokens: { query: number; documents: number }): void;
  /** Counts truncated documents. */
  truncated(documents: number): void;
  /** Counts documents for which the model returned no number. */
  invalidScores(documents: number): void;
  /** Relevance scores, finite and within 0 to 1. */
  scored(scores: readonly number[]): void;
  /** Records the duration of loading, including warm-up. */
  modelLoaded(durationMs: number): void;
  ready(isReady: boolean): void;
  /** Sets the reason why Redis cannot be used; undefined: it can. */
  redisTrouble(trouble: RedisTrouble | undefined): void;
  /** Counts a job that was returned to the queue because its lock expired. */
  stalled(): void;
  /** Counts a taken job that had been taken before. */
  retried(): void;
  /** Counts a batch that was split in two because it was too large for the device. */
  batchSplit(): void;
  /** Counts how the query of a job was found, and sets the memory of those that are kept. */
  queryLookup(lookup: QueryLookup, keptBytes: number): void;
  /** Sets the present token budget of batches. */
  batchBudget(tokens: number): void;
  /** Counts documents of a taken job that are not scored. */
  dropped(reason: DropReason, documents: number): void;
}

/** Creates the metrics of one worker in a separate registry, with every series of its bundle at 0. */
export function createWorkerMetrics(options: WorkerMetricsOptions): WorkerMetrics {
  const registry = createRegistry(options.container);
  const { model, queue } = options;
  return {
    ...exposition(registry),
    ...jobRecorders(registry, queue),
    ...documentRecorders(registry, model),
    ...batchRecorders(registry, model, options.provider),
    ...preparedQueryRecorders(registry, model),
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

function preparedQueryRecorders(registry: MetricsRegistry, model: string) {
  const queries = counter(registry, workerCatalogue.preparedQueries);
  for (const lookup of queryLookups) queries.inc({ model, lookup }, 0);
  const bytes = gauge(registry, workerCatalogue.preparedQueryBytes);
  bytes.set({ model }, 0);
  return {
    queryLookup: (lookup: QueryLookup, keptBytes: number) => {
      queries.inc({ model, lookup });
      bytes.set({ model }, keptBytes);
    },
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
  const budget = gauge(registry, workerCatalogue.batchBudget);
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
    batchBudget: (size: number) => budget.set({ model }, size),
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
