import { setTimeout as delay } from 'node:timers/promises';
import { bundleKey, type RerankJob } from '@rerank-fleet/contract';
import { Worker } from 'bullmq';
import { openPatientConnection, type RedisClient } from '../redis/connections';
import { createRedisHealth } from '../redis/health';
import { fleetKeys } from '../redis/keys';
import { lastWorkerLingerMs, lockMs, maxStalledCount, retryMs, stalledIntervalMs, takeBlockS } from '../redis/timing';
import type { RedisTrouble } from '../redis/trouble';
import { createCancellations } from './cancellations';
import { createGatewayLiveness } from './gateway-liveness';
import { withdraw } from './scripts';
import { redisNow, type WorkerQueueOptions, type WorkerState } from './state';
import { take, type Take } from './take';
import { beatPatiently, startUpkeep } from './upkeep';

/** A take waits for so long at most, and then for Redis to answer once more. */
const lastTakeLimitMs = takeBlockS * 1_000 + 500;

/** A worker's side of a bundle's queue. */
export interface WorkerQueue {
  /** Waits up to some seconds for the next job. One call at a time. */
  take(): Promise<Take>;
  /** Why a job's work should be dropped, if it should. */
  dropReason(job: RerankJob): 'cancelled' | 'expired' | undefined;
  isUp(): boolean;
  /** Why Redis cannot be worked with; undefined while it can. */
  trouble(): RedisTrouble | undefined;
  /** Redis' clock, on which jobs carry their times, ms. */
  nowMs(): number;
  /** Jobs taken and not yet settled. */
  held(): number;
  /** Puts the worker on the registry, however long Redis is away or refuses: gateways choose it from now on. */
  join(): Promise<void>;
  /**
   * Takes the worker off the registry, so that gateways choose others; it still takes and settles. Resolves with how
   * long gateways may still send work that nobody else takes, in ms: 0 where others serve the bundle.
   */
  withdraw(): Promise<number>;
  /** Ends a waiting take and closes; what is held goes back once its locks lapse. */
  close(): Promise<void>;
}

/** Opens a worker's connections; waits as long as Redis is away or refuses, which `onTrouble` and `onError` are told. */
export async function openWorkerQueue(options: WorkerQueueOptions): Promise<WorkerQueue> {
  const redis = openPatientConnection(options.redis, 'worker', options);
  const takeRedis = openPatientConnection(options.redis, 'take', options);
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
    taking: Promise.resolve(),
    announced: false,
    closing: false,
  };
  await beatPatiently(state);
  const opened = Object.assign(state, { bull: await openBull(state, takeRedis) });
  return workerQueue(opened, { takeRedis, upkeep: startUpkeep(opened) });
}

/** BullMQ asks for Redis' version once, and a worker whose question failed stays useless: another one is made. */
async function openBull({ options, keys }: Pick<WorkerState, 'options' | 'keys'>, redis: RedisClient): Promise<Worker> {
  for (;;) {
    // No processor: BullMQ's own loop takes by the number of jobs and notices free room only when a job ends; we take
    // by the tokens that are held. The worker gives us atomic takes, locks, completion and the stalled check.
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
      await beatPatiently(state, () => state.announced && !state.closing);
    },
    withdraw: () => leave(state),
    async close() {
      state.closing = true;
      upkeep.stop();
      // a job that Redis has given us already must not be left without an owner
      if (state.health.trouble() === undefined) await Promise.race([state.taking, delay(lastTakeLimitMs)]);
      // nothing runs in BullMQ's own loop: an unforced close would only wait for its blocking read to end
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
  if (state.cancellations.has(job.requestId) || state.liveness.isGone(job.gateway)) return 'cancelled';
  return redisNow(state) > job.deadlineMs ? 'expired' : undefined;
}
