import { randomUUID } from 'node:crypto';
import { createBatcher } from '@rerank-fleet/batching';
import { bundleKey } from '@rerank-fleet/contract';
import type { WorkerMetrics } from '@rerank-fleet/metrics';
import { needsX64QuantPrecision, type Bundle, type Processor } from '@rerank-fleet/model-runtime';
import { openWorkerQueue, type WorkerQueue } from '@rerank-fleet/queue';
import { createHead } from '@rerank-fleet/scoring';
import type { Logger, Readiness, ShutdownStep, Tracing } from '@rerank-fleet/service-shell';
import { logOncePer, parseTraceparent, type RedisServer } from '@rerank-fleet/service-shell';
import { createSpeedMeter, type SpeedMeter } from './capacity/speed';
import { createPresentBudget, type PresentBudget } from './capacity/present-budget';
import { spareMemory } from './capacity/spare-memory';
import type { FoundBudget } from './capacity/token-budget';
import { warmUp } from './capacity/warm-up';
import type { WorkerConfig } from './config';
import { announcementOf } from './fleet/announcement';
import { leaveFleet } from './fleet/leave';
import { readinessOf, type Health } from './observation/health';
import { createJobSpans } from './observation/job-spans';
import { observePipeline } from './observation/pipeline-events';
import type { PendingWork } from './pipeline/pending-job';
import { createPipeline, type Pipeline } from './pipeline/pipeline';
import { createPreparedQueries } from './pipeline/prepared-queries';
import { startTakeLoop } from './pipeline/take-loop';
import type { EncodeSlice } from './rows/encoding';
import { startThreads, type Threads } from './threads/threads';

/** A device has a fixed cost of thousands of tokens per call, so rows of different length share a batch sooner. */
const cudaPaddingRatio = 0.4;
/** Batches per session that are held in addition to the running ones, so that no session waits for Redis. */
const heldBatchesPerSession = 3;
const outageLogMs = 10_000;

export interface WorkerContext {
  config: WorkerConfig;
  redis: RedisServer;
  /** Model sessions, each in its own thread. */
  sessions: number;
  /** The bundle's token budget of one batch: longest row x rows. */
  batchTokens: number;
  bundle: Bundle;
  processor: Processor;
  metrics: WorkerMetrics;
  logger: Logger;
  tracing: Tracing;
  /** Folder of the built thread files. */
  directory: string;
  /** The shutdown steps of the worker. Steps are added during the start, because a signal may arrive then. */
  shutdownSteps: ShutdownStep[];
  /**
   * Called after the warm-up, when the rest of the start waits for Redis. The worker reports its readiness from then
   * on.
   */
  onWarm(isReady: () => Readiness): void;
  /** Called when the device or a thread is broken: the process must end, and other workers take its jobs. */
  onFatal(): void;
}

/** A worker whose threads are running. */
interface Started extends WorkerContext {
  threads: Threads;
  speed: SpeedMeter;
  budget: PresentBudget;
  health: Health;
}

/** Starts the threads, warms them up, then joins the fleet and takes jobs. */
export async function startWorker(context: WorkerContext): Promise<void> {
  const { config, bundle, metrics, logger, sessions } = context;
  const speed = createSpeedMeter({ sessions, encoders: config.ENCODER_THREADS, now: () => performance.now() });
  const health: Health = { lastInferenceGood: true, phase: 'joining', idle: true, redisTrouble: 'away' };
  const startedAt = performance.now();
  const threads = startOwnThreads(context, health);
  context.shutdownSteps.unshift(endThreads(threads, health));
  const found = await warmUpOrClose(context, threads, speed);
  const budget = createPresentBudget(found.tokens, metrics.batchBudget);
  metrics.modelLoaded(performance.now() - startedAt);
  context.onWarm(() => measuredReadiness(metrics, health));

  const started: Started = { ...context, threads, speed, budget, health };
  const queue = await openQueue(started);
  // a signal arrived in the meantime, and its steps do not include the queue
  if (health.phase !== 'joining') return queue.close();
  takeJobs(started, queue, openPipeline(started, queue));
  // last: when gateways can choose the worker, a signal must remove it from the registry
  await queue.join();
  if (health.phase !== 'joining') return;
  health.phase = 'serving';
  measuredReadiness(metrics, health);
  logger.info('ready', {
    queue: bundleKey(bundle.manifest),
    provider: config.PROVIDER,
    sessions,
    x64quantprecision: needsX64QuantPrecision(bundle.manifest, context.processor),
    tokenBudget: found.tokens,
    tokenBudgetFrom: found.origin,
    tokensPerSecond: Math.round(speed.tokensPerSecond() ?? 0),
  });
}

/** Limits of the prepared queries: of each session, or of the worker where sessions take what it keeps. */
const preparedLimits = ({ PREPARED_QUERIES, PREPARED_QUERIES_MIB }: WorkerConfig) => ({
  queries: PREPARED_QUERIES,
  bytes: PREPARED_QUERIES_MIB * 2 ** 20,
});

function startOwnThreads(context: WorkerContext, health: Health): Threads {
  const { mixesQueries } = createHead(context.bundle.manifest).traits;
  const limits = preparedLimits(context.config);
  return startThreads({
    bundle: context.bundle,
    provider: context.config.PROVIDER,
    processor: context.processor,
    encoders: context.config.ENCODER_THREADS,
    sessions: context.sessions,
    // what the worker keeps for all sessions, a session needs only while it runs
    prepared: mixesQueries ? limits : { ...limits, queries: 1 },
    directory: context.directory,
    onDeath(reason) {
      context.logger.error('a thread of this worker died', { reason: reason.replaceAll(' ', '_') });
      // immediately, before a call of the dead thread is answered as failed: other workers take the jobs
      if (!health.idle) process.kill(process.pid, 'SIGKILL');
      context.onFatal();
    },
  });
}

/** Closes the threads on failure: a process that exits while a thread loads its model aborts and hides the reason. */
async function warmUpOrClose(context: WorkerContext, threads: Threads, speed: SpeedMeter): Promise<FoundBudget> {
  const { manifest } = context.bundle;
  const options = {
    tokenBudget: context.batchTokens,
    fixedBudget: context.config.TOKEN_BUDGET,
    maxRows: createHead(manifest).traits.maxRows,
    maxLengthTokens: manifest.maxLengthTokens,
    spareBytes: spareMemory(context.config.PROVIDER, process.env),
    now: () => performance.now(),
  };
  try {
    return await warmUp(threads, options, speed);
  } catch (error) {
    await threads.close();
    throw error;
  }
}

function measuredReadiness(metrics: WorkerMetrics, health: Health): Readiness {
  const readiness = readinessOf(health);
  metrics.ready(readiness.ready);
  return readiness;
}

function openQueue({ config, redis, bundle, metrics, logger, health, ...worker }: Started): Promise<WorkerQueue> {
  const { manifest } = bundle;
  const { sessions, budget, speed } = worker;
  const workerId = randomUUID();
  const logOutage = logOncePer(outageLogMs, { write: logger.warn });
  const { PROVIDER: provider, DEFAULT_BUNDLE: isDefault } = config;
  return openWorkerQueue({
    redis,
    prefix: config.REDIS_PREFIX,
    workerId,
    bundle: { name: manifest.name, version: manifest.version },
    announcement: () =>
      announcementOf({ workerId, manifest, isDefault, provider, sessions, batchTokens: budget.tokens(), speed }),
    onStalled: metrics.stalled,
    onTrouble(trouble) {
      health.redisTrouble = trouble;
      metrics.redisTrouble(trouble);
      measuredReadiness(metrics, health);
    },
    onError: (role, error) => logOutage('Redis is away or refused a command', { role, error }),
  });
}

function openPipeline(started: Started, { nowMs, dropReason }: WorkerQueue): Pipeline {
  const { config, bundle, threads, speed, budget, metrics, logger, health } = started;
  const queue = bundleKey(bundle.manifest);
  const { mixesQueries, maxRows } = createHead(bundle.manifest).traits;
  const spans = createJobSpans(started.tracing, queue);
  return createPipeline({
    encode: (slice) => encodeMeasured(threads, speed, slice),
    batcher: createBatcher<PendingWork>({
      tokenBudget: budget.tokens(),
      maxRows,
      ...(config.PROVIDER === 'cuda' && { maxPaddingRatio: cudaPaddingRatio }),
      now: nowMs,
    }),
    budget,
    sessions: threads.sessions,
    prepared: mixesQueries
      ? undefined
      : createPreparedQueries({ limits: preparedLimits(config), onLookup: metrics.queryLookup }),
    dropReason,
    events: observePipeline({ spans, metrics, logger, health, queue }),
    speed,
    now: () => performance.now(),
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

function takeJobs(started: Started, queue: WorkerQueue, pipeline: Pipeline): void {
  const { config, metrics, logger, health, shutdownSteps, budget, sessions } = started;
  const logError = logOncePer(outageLogMs, { write: logger.warn });
  const loop = startTakeLoop({
    queue,
    pipeline,
    heldTokensMax: () => heldBatchesPerSession * budget.tokens() * sessions,
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
        health.phase = 'stopping';
        metrics.ready(false);
        await leaveFleet(queue, loop, config.DRAIN_LIMIT_MS);
        health.idle = queue.held() === 0;
      },
    },
    { name: 'close-queue', timeoutMs: 2_000, run: queue.close },
  );
}

/**
 * A thread in a run cannot be ended without aborting the process. While work is left, SIGKILL is the clean way to end.
 */
function endThreads(threads: Threads, health: Health): ShutdownStep {
  return {
    name: 'end-threads',
    timeoutMs: 5_000,
    async run() {
      health.phase = 'stopping';
      if (!health.idle) process.kill(process.pid, 'SIGKILL');
      await threads.close();
    },
  };
}
