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

/** A job taken from the queue. Its lock is renewed until it is settled. */
export interface TakenJob {
  job: RerankJob;
  /** How long the job was queued, ms on Redis' clock. */
  queueWaitMs: number;
  /** Whether another take came first, by a worker that died or lost its lock. */
  retried: boolean;
  /** Appends the outcome to the gateway's stream, then ends the job. Rejects when Redis does not accept the outcome. */
  settle(outcome: JobOutcome): Promise<void>;
}

/** A job to run, a job that was answered here because it cannot be run, or nothing for now. */
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

/** The job, or the code of the reason why it cannot be run. */
async function readJob(state: WorkerState, job: Job<unknown>): Promise<RerankJob | ErrorCode> {
  if (!jobEnvelopeSchema.safeParse(job.data).success) return 'internal';
  if (job.deferredFailure) return (await isLastTakerAlive(state, job.id as string)) ? 'interrupted' : 'internal';
  const parsed = rerankJobSchema.safeParse(job.data);
  return parsed.success ? parsed.data : 'unsupported_job_version';
}

/** Field of a job with its last taker, from the second take on. BullMQ keeps only the current one. */
const takerField = 'taker';

function jobKey({ keys, options }: WorkerState, id: string): string {
  return `${keys.bullPrefix}:${bundleKey(options.bundle)}:${id}`;
}

/**
 * Whether the last worker that had a job is alive. If so, it did not die of the job: its machine was too busy to renew
 * the lock. A dead worker is detected by its missing heartbeat, so this takes 5 s.
 */
async function isLastTakerAlive(state: WorkerState, id: string): Promise<boolean> {
  const { redis, keys, options } = state;
  const taker = await redis.hget(jobKey(state, id), takerField);
  if (taker === null || taker === options.workerId) return taker !== null;
  await delay(aliveMs);
  const seenMs = Number((await redis.zscore(keys.workersSeen, taker)) ?? 0);
  return Math.abs(redisNow(state) - seenMs) < aliveMs;
}
