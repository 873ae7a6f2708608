import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  bundleKey,
  jobEnvelopeSchema,
  rerankJobSchema,
  type ErrorCode,
  type JobOutcome,
  type RerankJob,
} from '@rerank-fleet/contract';
import type { Job } from 'bullmq';
import { aliveMs } from '../redis/timing';
import { refuse, settle } from './settle';
import { redisNow, type WorkerState } from './state';

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

/** Waits up to a second for the next job. */
export async function take(state: WorkerState): Promise<Take> {
  if (state.closing) return { kind: 'nothing' };
  const token = randomUUID();
  const job = (await state.bull.getNextJob(token)) as Job<unknown> | undefined;
  if (!job?.id) return { kind: 'nothing' };
  if (state.closing) {
    await job.moveToWait(token);
    return { kind: 'nothing' };
  }
  state.locks.set(job.id, token);
  const read = await readJob(state, job);
  if (typeof read === 'string') {
    await refuse(state, { job, token, code: read });
    return { kind: 'refused', code: read };
  }
  state.liveness.jobTaken(read.gateway, read.queuedAtMs);
  if (job.stalledCounter > 0) await state.redis.hset(jobKey(state, job.id), takerField, state.options.workerId);
  const taken: TakenJob = {
    job: read,
    queueWaitMs: Math.max(0, redisNow(state) - read.queuedAtMs),
    retried: job.stalledCounter > 0,
    settle: (outcome) => settle(state, { job, gateway: read.gateway, token, outcome }),
  };
  return { kind: 'job', taken };
}

/** What is to be run, or why it cannot be. */
async function readJob(state: WorkerState, job: Job<unknown>): Promise<RerankJob | ErrorCode> {
  if (!jobEnvelopeSchema.safeParse(job.data).success) return 'internal';
  if (job.deferredFailure) return (await isLastTakerAlive(state, job.id as string)) ? 'interrupted' : 'internal';
  const parsed = rerankJobSchema.safeParse(job.data);
  return parsed.success ? parsed.data : 'unsupported_job_version';
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
