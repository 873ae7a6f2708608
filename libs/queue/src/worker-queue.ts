import { randomUUID } from 'node:crypto';
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
import type { Redis } from 'ioredis';
import { watchCancellations, type Cancellations } from './cancellations';
import { openPatientConnection, whenReady, type ConnectionListener } from './connections';
import { createGatewayLiveness, type GatewayLiveness } from './gateway-liveness';
import { fleetKeys, type FleetKeys } from './keys';
import { withdraw } from './scripts';
import { startUpkeep } from './worker-upkeep';
import {
  lastWorkerLingerMs,
  lockMs,
  maxStalledCount,
  replyExpiryS,
  replyStreamLength,
  stalledIntervalMs,
} from './timing';

export interface WorkerQueueOptions extends ConnectionListener {
  redisUrl: string;
  prefix: string;
  workerId: string;
  bundle: BundleRef;
  /** What to announce; asked at each heartbeat, undefined while the worker is not ready. */
  announcement(): WorkerAnnouncement | undefined;
  /** BullMQ moved a job of a dead worker back to the queue. */
  onStalled(): void;
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
  redis: Redis;
  liveness: GatewayLiveness;
  cancellations: Cancellations;
  /** Job id -> token of the lock that we hold. */
  locks: Map<string, string>;
  /** Redis' clock minus ours. */
  clockOffsetMs: number;
  up: boolean;
  /** No longer announced. */
  withdrawn: boolean;
  closing: boolean;
}

/** Opens a worker's connections; waits for Redis as long as it takes. */
export async function openWorkerQueue(options: WorkerQueueOptions): Promise<WorkerQueue> {
  const keys = fleetKeys(options.prefix);
  const redis = openPatientConnection(options.redisUrl, 'worker', options);
  const takeRedis = openPatientConnection(options.redisUrl, 'take', options);
  await whenReady(redis, 2 ** 31 - 1);
  // No processor: BullMQ's own loop takes by the number of jobs and notices free room only when a job ends; we take
  // by the tokens that are held. The worker gives us atomic takes, locks, completion and the stalled check.
  const bull = new Worker(bundleKey(options.bundle), null, {
    connection: takeRedis,
    prefix: keys.bullPrefix,
    autorun: false,
    lockDuration: lockMs,
    stalledInterval: stalledIntervalMs,
    maxStalledCount,
    drainDelay: 2,
  });
  bull.on('error', (error) => options.onError('take', error));
  bull.on('stalled', () => options.onStalled());
  const state: WorkerState = {
    options,
    keys,
    bull,
    redis,
    liveness: createGatewayLiveness(),
    cancellations: watchCancellations(options.redisUrl, keys, options),
    locks: new Map(),
    clockOffsetMs: 0,
    up: true,
    withdrawn: false,
    closing: false,
  };
  const upkeep = await startUpkeep(state);
  return {
    take: () => take(state),
    dropReason: (job) => dropReason(state, job),
    isUp: () => state.up,
    nowMs: () => redisNow(state),
    held: () => state.locks.size,
    withdraw: () => leave(state),
    async close() {
      state.closing = true;
      upkeep.stop();
      // nothing runs in BullMQ's own loop: an unforced close would only wait for its blocking read to end
      await bull.close(true).catch((error: Error) => options.onError('close', error));
      await state.cancellations.close();
      redis.disconnect();
      takeRedis.disconnect();
    },
  };
}

async function leave(state: WorkerState): Promise<number> {
  state.withdrawn = true;
  const { wasLast } = await withdraw(state.redis, state.keys, state.options);
  return wasLast ? lastWorkerLingerMs : 0;
}

function redisNow(state: WorkerState): number {
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
  state.locks.set(job.id, token);
  const envelope = jobEnvelopeSchema.safeParse(job.data);
  if (!envelope.success) return refuse(state, { job, token, code: 'internal' });
  if (job.deferredFailure) return refuse(state, { job, token, code: 'internal' });
  if (envelope.data.v > wireVersion) return refuse(state, { job, token, code: 'unsupported_job_version' });
  const parsed = rerankJobSchema.safeParse(job.data);
  if (!parsed.success) return refuse(state, { job, token, code: 'internal' });
  state.liveness.expect(parsed.data.gateway);
  const taken: TakenJob = {
    job: parsed.data,
    queueWaitMs: Math.max(0, redisNow(state) - parsed.data.queuedAtMs),
    retried: job.stalledCounter > 0,
    settle: (outcome) => settle(state, { job, token, outcome }),
  };
  return { kind: 'job', taken };
}

const refusals: Partial<Record<ErrorCode, string>> = {
  internal: 'The workers that took this request ended without an answer.',
  unsupported_job_version: 'This request was written by a newer gateway than its worker understands.',
};

/** Answers a job that cannot be run as data, where it can be told whom to answer, and keeps it as failed. */
async function refuse(
  state: WorkerState,
  { job, token, code }: { job: Job<unknown>; token: string; code: ErrorCode },
): Promise<Take> {
  const envelope = jobEnvelopeSchema.safeParse(job.data);
  if (envelope.success) {
    const { requestId, part, gateway } = envelope.data;
    const failure = { code, message: refusals[code] ?? 'The request could not be run.' };
    await appendOrLetGo(state, job, () =>
      append(state, gateway, { v: wireVersion, requestId, part, ok: false, failure }),
    );
  }
  await finish(state, job, () => job.moveToFailed(new UnrecoverableError(code), token, false));
  return { kind: 'refused', code };
}

async function settle(
  state: WorkerState,
  { job, token, outcome }: { job: Job<unknown>; token: string; outcome: JobOutcome },
): Promise<void> {
  const { gateway } = rerankJobSchema.parse(job.data);
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
