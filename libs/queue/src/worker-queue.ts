import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  bundleKey,
  jobEnvelopeSchema,
  rerankJobSchema,
  wireVersion,
  type BundleRef,
  type ErrorCode,
  type JobOutcome,
  type RerankJob,
  type WorkerAnnouncement,
} from '@rerank-fleet/contract';
import { UnrecoverableError, Worker, type Job } from 'bullmq';
import { createCancellations, type Cancellations } from './cancellations';
import { createGatewayLiveness, type GatewayLiveness } from './gateway-liveness';
import { fleetKeys, type FleetKeys } from './keys';
import { openPatientConnection, type ConnectionListener, type RedisClient } from './redis/connections';
import { createRedisHealth, type RedisHealth } from './redis/health';
import type { RedisServer } from './redis/server';
import type { RedisTrouble } from './redis/trouble';
import { withdraw } from './scripts';
import {
  aliveMs,
  lastWorkerLingerMs,
  lockMs,
  maxStalledCount,
  replyExpiryS,
  replyStreamLength,
  retryMs,
  stalledIntervalMs,
  takeBlockS,
} from './timing';
import { firstBeat, startUpkeep } from './worker-upkeep';

/** A take waits for so long at most, and then for Redis to answer once more. */
const lastTakeLimitMs = takeBlockS * 1_000 + 500;

export interface WorkerQueueOptions extends ConnectionListener {
  redis: RedisServer;
  prefix: string;
  workerId: string;
  bundle: BundleRef;
  /** What to announce; asked at each heartbeat, undefined while the worker is not ready. */
  announcement(): WorkerAnnouncement | undefined;
  /** BullMQ moved a job of a dead worker back to the queue. */
  onStalled(): void;
  /** Redis can no longer be worked with, or again (undefined); told once per change. Until told it is away. */
  onTrouble?(trouble: RedisTrouble | undefined): void;
}

/** A job taken from the queue, with a lock that is renewed until it is settled. */
export interface TakenJob {
  job: RerankJob;
  /** How long it lay on the queue, ms on Redis' clock. */
  queueWaitMs: number;
  /** Taken before by a worker that died or lost its lock. */
  retried: boolean;
  /** Appends the outcome to the asking gateway's stream, then removes the job. Resolves once Redis has both. */
  settle(outcome: JobOutcome): Promise<void>;
}

/** What a take found: a job to run, a job answered here (dead too often, unreadable), or nothing for now. */
export type Take = { kind: 'job'; taken: TakenJob } | { kind: 'refused'; code: ErrorCode } | { kind: 'nothing' };

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
  /**
   * Takes the worker off the registry, so that gateways choose others; it still takes and settles. Resolves with how
   * long gateways may still send work that nobody else takes, in ms: 0 where others serve the bundle.
   */
  withdraw(): Promise<number>;
  /** Ends a waiting take and closes; what is held goes back once its locks lapse. */
  close(): Promise<void>;
}

export interface WorkerState {
  options: WorkerQueueOptions;
  keys: FleetKeys;
  bull: Worker;
  /** Answers, heartbeats and lock renewals. */
  redis: RedisClient;
  health: RedisHealth;
  liveness: GatewayLiveness;
  cancellations: Cancellations;
  /** Job id -> token of the lock that we hold. */
  locks: Map<string, string>;
  /** Redis' clock minus ours. */
  clockOffsetMs: number;
  /** The last heartbeat, on Redis' clock; 0 before the first. */
  beatAtMs: number;
  /** The take under way. */
  taking: Promise<unknown>;
  /** No longer announced. */
  withdrawn: boolean;
  closing: boolean;
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
    withdrawn: false,
    closing: false,
  };
  await firstBeat(state);
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
  state.withdrawn = true;
  const { wasLast } = await withdraw(state.redis, state.keys, state.options);
  return wasLast ? lastWorkerLingerMs : 0;
}

function redisNow(state: Pick<WorkerState, 'clockOffsetMs'>): number {
  return Date.now() + state.clockOffsetMs;
}

function dropReason(state: WorkerState, job: RerankJob): 'cancelled' | 'expired' | undefined {
  if (state.cancellations.has(job.requestId) || state.liveness.isGone(job.gateway)) return 'cancelled';
  return redisNow(state) > job.deadlineMs ? 'expired' : undefined;
}

async function take(state: WorkerState): Promise<Take> {
  if (state.closing) return { kind: 'nothing' };
  const token = randomUUID();
  const job = (await state.bull.getNextJob(token)) as Job<unknown> | undefined;
  if (!job?.id) return { kind: 'nothing' };
  if (state.closing) {
    await job.moveToWait(token);
    return { kind: 'nothing' };
  }
  state.locks.set(job.id, token);
  const envelope = jobEnvelopeSchema.safeParse(job.data);
  if (!envelope.success) return refuse(state, { job, token, code: 'internal' });
  if (job.deferredFailure) {
    const code = (await isLastTakerAlive(state, job.id)) ? 'interrupted' : 'internal';
    return refuse(state, { job, token, code });
  }
  const parsed = rerankJobSchema.safeParse(job.data);
  if (!parsed.success) return refuse(state, { job, token, code: 'unsupported_job_version' });
  state.liveness.jobTaken(parsed.data.gateway, parsed.data.queuedAtMs);
  if (job.stalledCounter > 0) await state.redis.hset(jobKey(state, job.id), takerField, state.options.workerId);
  const taken: TakenJob = {
    job: parsed.data,
    queueWaitMs: Math.max(0, redisNow(state) - parsed.data.queuedAtMs),
    retried: job.stalledCounter > 0,
    settle: (outcome) => settle(state, { job, gateway: parsed.data.gateway, token, outcome }),
  };
  return { kind: 'job', taken };
}

/** Field of a job that says who took it last, from the second take on: BullMQ keeps only who has it now. */
const takerField = 'taker';

function jobKey({ keys, options }: WorkerState, id: string): string {
  return `${keys.bullPrefix}:${bundleKey(options.bundle)}:${id}`;
}

/**
 * Whether the worker that had a job last still lives: then it did not die of the job, but its machine was too busy to renew
 * the lock. A dead one is known by a heartbeat that stays away, so this takes some seconds.
 */
async function isLastTakerAlive(state: WorkerState, id: string): Promise<boolean> {
  const { redis, keys, options } = state;
  const taker = await redis.hget(jobKey(state, id), takerField);
  if (taker === null || taker === options.workerId) return taker !== null;
  await delay(aliveMs);
  const seenMs = Number((await redis.zscore(keys.workersSeen, taker)) ?? 0);
  return Math.abs(redisNow(state) - seenMs) < aliveMs;
}

const refusals: Partial<Record<ErrorCode, string>> = {
  internal: 'The workers that took this request ended without an answer.',
  interrupted: 'The workers that took this request were too busy to finish it. Ask again.',
  unsupported_job_version: 'This request was written by a newer gateway than its worker understands.',
};
/** When those who were interrupted may ask again. */
const interruptedRetryS = 1;

/** Answers a job that cannot be run as data, where it can be told whom to answer, and keeps it as failed. */
async function refuse(
  state: WorkerState,
  { job, token, code }: { job: Job<unknown>; token: string; code: ErrorCode },
): Promise<Take> {
  const envelope = jobEnvelopeSchema.safeParse(job.data);
  if (envelope.success) {
    const { requestId, part, gateway } = envelope.data;
    const failure = {
      code,
      message: refusals[code] ?? 'The request could not be run.',
      ...(code === 'interrupted' && { retryAfterS: interruptedRetryS }),
    };
    await appendOrLetGo(state, job, () =>
      append(state, gateway, { v: wireVersion, requestId, part, ok: false, failure }),
    );
  }
  await finish(state, job, () => job.moveToFailed(new UnrecoverableError(code), token, false));
  return { kind: 'refused', code };
}

async function settle(
  state: WorkerState,
  { job, gateway, token, outcome }: { job: Job<unknown>; gateway: string; token: string; outcome: JobOutcome },
): Promise<void> {
  await appendOrLetGo(state, job, () => append(state, gateway, outcome));
  const workerFailed = !outcome.ok && (outcome.failure.code === 'internal' || outcome.failure.code === 'invalid_score');
  await finish(state, job, () =>
    workerFailed
      ? job.moveToFailed(new UnrecoverableError(outcome.failure.code), token, false)
      : job.moveToCompleted(0, token, false),
  );
}

/** A job whose answer cannot be appended is let go: its lock lapses and it is taken again. */
async function appendOrLetGo(state: WorkerState, job: Job<unknown>, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    state.locks.delete(job.id as string);
    throw error;
  }
}

async function append(state: WorkerState, gateway: string, outcome: JobOutcome): Promise<void> {
  const stream = state.keys.replies(gateway);
  const replies = await state.redis
    .pipeline()
    .xadd(stream, 'MAXLEN', '~', replyStreamLength, '*', 'outcome', JSON.stringify(outcome))
    .expire(stream, replyExpiryS)
    .exec();
  // a refused append (a full Redis) must not end the job: without its lock it is taken again and answered then
  const refused = replies?.find(([error]) => error)?.[0];
  if (refused) throw refused;
}

/** Ends a job in BullMQ. A lock that lapsed meanwhile means that someone else has the job: its outcome counts as well. */
async function finish(state: WorkerState, job: Job<unknown>, end: () => Promise<unknown>): Promise<void> {
  try {
    await end();
  } catch (error) {
    state.options.onError('finish', error as Error);
  } finally {
    state.locks.delete(job.id as string);
  }
}
