import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createBatcher } from '@rerank-fleet/batching';
import { bundleKey, jobOutcomeLabel, type JobOutcome, type WorkerAnnouncement } from '@rerank-fleet/contract';
import type { WorkerMetrics } from '@rerank-fleet/metrics';
import type { Bundle } from '@rerank-fleet/model-runtime';
import { describeTrouble, openWorkerQueue, type RedisTrouble, type WorkerQueue } from '@rerank-fleet/queue';
import { createHead, rowCostOf } from '@rerank-fleet/scoring';
import type { Logger, Readiness, ShutdownStep, Tracing } from '@rerank-fleet/service-shell';
import { logOncePer, parseTraceparent, type RedisServer } from '@rerank-fleet/service-shell';
import type { WorkerConfig } from './config';
import type { EncodeSlice } from './encode-job';
import { createJobSpans } from './job-spans';
import { createPipeline, type Pipeline, type PendingRow, type PipelineEvents } from './pipeline';
import { createSpeedMeter, type SpeedMeter } from './speed';
import { startTakeLoop, type TakeLoop } from './take-loop';
import { startThreads, type Threads } from './threads';
import { warmUp, type UsualBatch } from './warm-up';

/** A device pays for thousands of tokens with each call, so rows of unlike length share one sooner than on a CPU. */
const cudaPaddingRatio = 0.4;
/** Batches a session that are held beside the ones that run, so that no session waits for Redis. */
const heldBatchesPerSession = 3;
const outageLogMs = 10_000;

export interface WorkerContext {
  config: WorkerConfig;
  redis: RedisServer;
  /** Model sessions, each in a thread of its own. */
  sessions: number;
  /** Tokens of one batch, longest row x rows. */
  batchTokens: number;
  bundle: Bundle;
  metrics: WorkerMetrics;
  logger: Logger;
  tracing: Tracing;
  /** Where the built thread files lie. */
  directory: string;
  /** What ends the worker: added to while it starts, since a signal may come then. */
  shutdownSteps: ShutdownStep[];
  /** The model has computed once; what is left of the start waits for Redis. From now on the worker says itself whether it is ready. */
  onWarm(isReady: () => Readiness): void;
  /** The device or a thread is broken: the process is to end, and other workers take its jobs. */
  onFatal(): void;
}

/** Starts the threads, warms them up, then joins the fleet and takes jobs. */
export async function startWorker(context: WorkerContext): Promise<void> {
  const { bundle, metrics, logger, sessions, batchTokens } = context;
  const { manifest } = bundle;
  const { traits } = createHead(manifest);
  const speed = createSpeedMeter({ sessions, now: () => performance.now() });
  const health: Health = { lastInferenceGood: true, stopping: false, idle: true, redisTrouble: 'away' };
  const startedAt = performance.now();
  const threads = startOwnThreads(context, sessions, health);
  context.shutdownSteps.unshift(endThreads(threads, health));
  await warmUpOrClose(threads, { tokenBudget: batchTokens, maxRows: traits.maxRows }, speed);
  metrics.modelLoaded(performance.now() - startedAt);
  context.onWarm(() => readiness(context, health));

  const workerId = randomUUID();
  const queue = await openQueue(context, { workerId, sessions, speed, health });
  const pipeline = createPipeline({
    encode: (slice) => encodeMeasured(threads, speed, slice),
    batcher: createBatcher<PendingRow>({
      tokenBudget: batchTokens,
      maxRows: traits.maxRows,
      ...(context.config.PROVIDER === 'cuda' && { maxPaddingRatio: cudaPaddingRatio }),
      now: queue.nowMs,
    }),
    sessions: threads.sessions,
    mixesQueries: traits.mixesQueries,
    dropReason: queue.dropReason,
    events: pipelineEvents(context, health),
    spans: createJobSpans(context.tracing, bundleKey(manifest)),
    speed,
    now: () => performance.now(),
  });
  joinFleet(context, {
    queue,
    pipeline,
    health,
    heldTokensMax: heldBatchesPerSession * batchTokens * sessions,
  });
  logger.info('ready', {
    queue: bundleKey(manifest),
    provider: context.config.PROVIDER,
    sessions,
    tokensPerSecond: Math.round(speed.tokensPerSecond() ?? 0),
  });
}

/** A process that exits while a thread still loads its model aborts, with lines that hide the reason. */
async function warmUpOrClose(threads: Threads, usual: UsualBatch, speed: SpeedMeter): Promise<void> {
  try {
    await warmUp(threads, usual, speed);
  } catch (error) {
    await threads.close();
    throw error;
  }
}

function startOwnThreads(context: WorkerContext, sessions: number, health: Health): Threads {
  return startThreads({
    bundle: context.bundle,
    provider: context.config.PROVIDER,
    sessions,
    prepared: { queries: context.config.PREPARED_QUERIES, bytes: context.config.PREPARED_QUERIES_MIB * 2 ** 20 },
    directory: context.directory,
    onDeath(reason) {
      context.logger.error('a thread of this worker died', { reason: reason.replaceAll(' ', '_') });
      // at once, before a call of the dead thread is answered as failed: other workers take the jobs again
      if (!health.idle) process.kill(process.pid, 'SIGKILL');
      context.onFatal();
    },
  });
}

interface Health {
  lastInferenceGood: boolean;
  stopping: boolean;
  /** No call of a thread can be under way for long: nothing is held, or nothing was taken yet. */
  idle: boolean;
  /** Why Redis cannot be worked with; undefined while it can. */
  redisTrouble: RedisTrouble | undefined;
}

function readiness({ metrics }: WorkerContext, health: Health): Readiness {
  const reasons = [
    ...(health.stopping ? ['shutting down'] : []),
    ...(health.redisTrouble === undefined ? [] : [describeTrouble(health.redisTrouble)]),
    ...(health.lastInferenceGood ? [] : ['the last inference failed']),
  ];
  metrics.ready(reasons.length === 0);
  return { ready: reasons.length === 0, reasons };
}

interface QueueFacts {
  workerId: string;
  sessions: number;
  speed: SpeedMeter;
  health: Health;
}

function openQueue(context: WorkerContext, { workerId, sessions, speed, health }: QueueFacts) {
  const { config, bundle, batchTokens, metrics, logger } = context;
  const { manifest } = bundle;
  const logOutage = logOncePer(outageLogMs, { write: logger.warn });
  const announcement = (): WorkerAnnouncement => {
    const tokensPerByte = speed.tokensPerByte();
    const tokensPerSecond = speed.tokensPerSecond();
    return {
      workerId,
      bundle: { name: manifest.name, version: manifest.version },
      isDefault: config.DEFAULT_BUNDLE,
      aliases: manifest.aliases,
      head: manifest.head,
      revision: manifest.revision,
      source: manifest.source,
      templateVersion: manifest.template.version,
      takesInstruction: manifest.takesInstruction,
      ...rowCostOf(manifest),
      maxLengthTokens: manifest.maxLengthTokens,
      dtype: manifest.dtype,
      provider: config.PROVIDER,
      sessions,
      batchTokens,
      ...(tokensPerByte !== undefined && { tokensPerByte }),
      ...(tokensPerSecond !== undefined && { tokensPerSecond }),
    };
  };
  return openWorkerQueue({
    redis: context.redis,
    prefix: config.REDIS_PREFIX,
    workerId,
    bundle: { name: manifest.name, version: manifest.version },
    announcement,
    onStalled: metrics.stalled,
    onTrouble(trouble) {
      health.redisTrouble = trouble;
      metrics.redisTrouble(trouble);
      readiness(context, health);
    },
    onError: (role, error) => logOutage('Redis is away or refused a command', { role, error }),
  });
}

async function encodeMeasured(threads: Threads, speed: SpeedMeter, slice: EncodeSlice) {
  const result = await threads.encode(slice);
  if (result.ok) {
    const bytes = slice.documents.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    const tokens = result.documents.reduce((sum, one) => sum + (one.truncation?.tokens ?? one.keptTokens), 0);
    speed.encoded(bytes, tokens);
  }
  return result;
}

function pipelineEvents({ metrics, logger, bundle: { manifest } }: WorkerContext, health: Health): PipelineEvents {
  const logFailure = logOncePer(outageLogMs, { write: logger.error });
  const bundle = bundleKey(manifest);
  return {
    taken({ queueWaitMs, retried, traceId }) {
      metrics.queueWaited(queueWaitMs, traceId);
      if (retried) metrics.retried();
    },
    encoded: metrics.tokenized,
    batchRun(batch, traceId) {
      health.lastInferenceGood = true;
      metrics.batchRun({ ...batch, ...(traceId !== undefined && { traceId }) });
    },
    batchSplit: metrics.batchSplit,
    dropped: metrics.dropped,
    settled(outcome: JobOutcome, scores) {
      metrics.jobSettled(jobOutcomeLabel(outcome));
      if (!outcome.ok) return;
      metrics.tokensRead(outcome.tokens);
      metrics.truncated(outcome.truncated.length);
      metrics.scored(scores);
    },
    jobFailed: (request, error) => logFailure('a request failed before the model ran', { ...request, error }),
    // the run itself was good: the worker stays ready
    invalidScores(request, documents) {
      metrics.invalidScores(documents.length);
      logFailure('the model gave a score that is not a number', { ...request, bundle, documents });
    },
    inferenceFailed(requests, error) {
      health.lastInferenceGood = false;
      logFailure('an inference failed', {
        requestIds: requests.map(({ requestId }) => requestId),
        traceIds: requests.flatMap(({ traceId }) => traceId ?? []),
        error,
      });
    },
  };
}

interface Joined {
  queue: WorkerQueue;
  pipeline: Pipeline;
  health: Health;
  heldTokensMax: number;
}

function joinFleet({ config, metrics, logger, shutdownSteps }: WorkerContext, joined: Joined): void {
  const { queue, pipeline, health, heldTokensMax } = joined;
  const logError = logOncePer(outageLogMs, { write: logger.warn });
  const loop = startTakeLoop({
    queue,
    pipeline,
    heldTokensMax,
    onError(error, job) {
      const traceId = parseTraceparent(job?.traceparent ?? '')?.traceId;
      logError('a job could not be taken or answered', { requestId: job?.requestId, traceId, error });
    },
    onRefused: () => metrics.jobSettled('failed'),
  });
  health.idle = false;
  shutdownSteps.unshift(
    {
      name: 'drain',
      timeoutMs: config.DRAIN_LIMIT_MS,
      async run() {
        health.stopping = true;
        metrics.ready(false);
        await lingerAsLast(queue, config.DRAIN_LIMIT_MS / 2);
        loop.stop();
        // what is held cannot be answered while Redis is away: its locks lapse and others take it
        if (queue.isUp()) await drained(loop, queue, config.DRAIN_LIMIT_MS / 4);
        health.idle = queue.held() === 0;
      },
    },
    { name: 'close-queue', timeoutMs: 2_000, run: queue.close },
  );
}

/**
 * Leaves the registry and, as the last worker of its bundle, goes on taking for a while; never longer than `limitMs`, and
 * not at all while Redis is away. Never rejects: what comes after it must run.
 */
async function lingerAsLast(queue: WorkerQueue, limitMs: number): Promise<void> {
  if (!queue.isUp()) return;
  const over = new AbortController();
  const pause = (ms: number) => delay(ms, undefined, { signal: over.signal }).catch(() => undefined);
  const lingering = queue.withdraw().then(pause, () => undefined);
  await Promise.race([lingering, pause(limitMs)]);
  over.abort();
}

/** A take that brings nothing may wait for longer than the drain may: past `emptyTakeMs` closing the queue ends it. */
async function drained(loop: TakeLoop, queue: WorkerQueue, emptyTakeMs: number): Promise<void> {
  const over = new AbortController();
  const patience = delay(emptyTakeMs, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([loop.drained(), patience]);
  over.abort();
  if (queue.held() > 0) await loop.drained();
}

/** A thread inside a run cannot be ended without aborting the process, so while work is left SIGKILL is the clean way out. */
function endThreads(threads: Threads, health: Health): ShutdownStep {
  return {
    name: 'end-threads',
    timeoutMs: 5_000,
    async run() {
      if (!health.idle) process.kill(process.pid, 'SIGKILL');
      await threads.close();
    },
  };
}
