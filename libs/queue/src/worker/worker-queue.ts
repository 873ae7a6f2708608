import { setTimeout as delay } from 'node:timers/promises';
import { bundleKey, type RedisTrouble, type RerankJob } from '@rerank-fleet/contract';
import { Worker } from 'bullmq';
import { openRetryingConnection, type RedisClient } from '../redis/connections';
import { createRedisHealth } from '../redis/health';
import { fleetKeys } from '../redis/keys';
import { lastWorkerLingerMs, lockMs, maxStalledCount, retryMs, stalledIntervalMs, takeBlockS } from '../redis/timing';
import { createCancellations } from './cancellations';
import { createGatewayLiveness } from './gateway-liveness';
import { withdraw } from './scripts';
import { redisNow, type WorkerQueueOptions, type WorkerState } from './state';
import { take, type Take } from './take';
import { beatUntilAnswered, startUpkeep } from './upkeep';

/** How long to wait for the last take: its blocking time, and the time for Redis to answer. */
const lastTakeLimitMs = takeBlockS * 1_000 + 500;

/** A worker's side of a bundle's queue. */
export interface WorkerQueue {
  /** Waits up to a second for the next job. One call at a time. */
  take(): Promise<Take>;
  /** Why the job's work should be dropped; undefined if it should not. */
  dropReason(job: RerankJob): 'cancelled' | 'expired' | undefined;
  isUp(): boolean;
  /** Why Redis cannot be used; undefined while it can. */
  trouble(): RedisTrouble | undefined;
  /** Redis' clock, which all times of jobs are on, ms. */
  nowMs(): number;
  /** The number of jobs that were taken and are not settled. */
  held(): number;
  /** Announces the worker: gateways choose it from now on. Waits as long as Redis is away or refuses. */
  join(): Promise<void>;
  /**
   * Removes the worker from the registry, so that gateways choose others. It still takes and settles jobs. Resolves
   * with how long gateways may still send work that no other worker takes, in ms; 0 if other workers serve the bundle.
   */
  withdraw(): Promise<number>;
  /** Ends a waiting take and closes. Jobs that are not settled return to the queue when their locks expire. */
  close(): Promise<void>;
}

/**
 * Opens a worker's connections. Waits while Redis is away or refuses, and reports that to `onTrouble` and `onError`.
 */
export async function openWorkerQueue(options: WorkerQueueOptions): Promise<WorkerQueue> {
  const redis = openRetryingConnection(options.redis, 'worker', options);
  const takeRedis = openRetryingConnection(options.redis, 'take', options);
  const state: Omit<WorkerState, 'bull'> = {
    options,
    keys: fleetKeys(options.prefix),
    redis,
    health: createRedisHealth(redis, (trouble) => options.onTrouble?.(trouble)),
    liveness: createGatewayLiveness(),
    cancellations: createCancellations(),
    locks: new Map(),
    clockOffsetMs: 0,
    beatAtMs: 0,
    answeredAnnouncement: undefined,
    taking: Promise.resolve(),
    announced: false,
    closing: false,
  };
  await beatUntilAnswered(state);
  const opened = Object.assign(state, { bull: await openBull(state, takeRedis) });
  return workerQueue(opened, { takeRedis, upkeep: startUpkeep(opened) });
}

/** BullMQ reads Redis' version once. A worker for which that failed stays unusable, so another one is created. */
async function openBull({ options, keys }: Pick<WorkerState, 'options' | 'keys'>, redis: RedisClient): Promise<Worker> {
  for (;;) {
    // No processor: BullMQ's own loop limits the number of jobs and notices free capacity only when a job ends. This
    // worker limits the tokens it holds. BullMQ's Worker provides atomic takes, locks, completion and the stalled
    // check.
    const bull = new Worker(bundleKey(options.bundle), null, {
      connection: redis,
      prefix: keys.bullPrefix,
      autorun: false,
      lockDuration: lockMs,
      stalledInterval: stalledIntervalMs,
      maxStalledCount,
      drainDelay: takeBlockS,
    });
    bull.on('error', (error) => options.onError('take', error));
    bull.on('stalled', () => options.onStalled());
    try {
      await bull.waitUntilReady();
      await bull.startStalledCheckTimer();
      return bull;
    } catch (error) {
      options.onError('take', error as Error);
      await bull.close(true).catch(() => undefined);
      await delay(retryMs);
    }
  }
}

function workerQueue(
  state: WorkerState,
  { takeRedis, upkeep }: { takeRedis: RedisClient; upkeep: { stop(): void } },
): WorkerQueue {
  return {
    take() {
      const taking = take(state);
      state.taking = taking.catch(() => undefined);
      return taking;
    },
    dropReason: (job) => dropReason(state, job),
    isUp: () => state.health.trouble() === undefined,
    trouble: () => state.health.trouble(),
    nowMs: () => redisNow(state),
    held: () => state.locks.size,
    async join() {
      state.announced = true;
      await beatUntilAnswered(state, () => state.announced && !state.closing);
    },
    withdraw: () => leave(state),
    async close() {
      state.closing = true;
      upkeep.stop();
      // a job that Redis has already handed out must not be left without an owner
      if (state.health.trouble() === undefined) await Promise.race([state.taking, delay(lastTakeLimitMs)]);
      // BullMQ's own loop is not running; an unforced close would only wait for its blocking read to end
      await state.bull.close(true).catch((error: Error) => state.options.onError('close', error));
      state.redis.disconnect();
      takeRedis.disconnect();
    },
  };
}

async function leave(state: WorkerState): Promise<number> {
  state.announced = false;
  const { wasLast } = await withdraw(state.redis, state.keys, state.options);
  return wasLast ? lastWorkerLingerMs : 0;
}

function dropReason(state: WorkerState, job: RerankJob): 'cancelled' | 'expired' | undefined {
  if (state.cancellations.has(job.requestId) || state.liveness.isDead(job.gateway)) return 'cancelled';
  return redisNow(state) > job.deadlineMs ? 'expired' : undefined;
}
