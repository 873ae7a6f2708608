import type { RerankJob, Result } from '@rerank-fleet/contract';
import type { JobsOptions } from 'bullmq';
import type { RedisHealth } from '../redis/health';
import { jobId } from '../redis/keys';
import { startAnswerLimit } from './answer-limit';
import type { Cost, InFlight } from './in-flight';
import type { AdmitArguments, Admission } from './scripts';

/**
 * Limit for admission and add together. After it the caller gets `redis_away`, so a submission takes at most 500 ms.
 */
const submitLimitMs = 450;

export type JobPart = Omit<RerankJob, 'queuedAtMs' | 'deadlineMs' | 'gateway' | 'estimatedTokens'> & { cost: Cost };

export interface Submission {
  requestId: string;
  /** `<name>@<version>`. */
  queue: string;
  parts: JobPart[];
  /** The most that the whole fleet may have in flight: tokens on this queue, bytes on all queues. */
  limit: Cost;
  waitMs: number;
}

export type SubmitResult = Result<unknown, { reason: 'queue_full'; inFlight: Cost } | { reason: 'redis_away' }>;

/** A job in BullMQ's form. */
export interface JobToAdd {
  name: string;
  data: RerankJob;
  opts: JobsOptions;
}

export interface SubmitOptions {
  gatewayId: string;
  admit(request: Omit<AdmitArguments, 'gateway'>): Promise<Admission>;
  /** Adds all jobs or none. */
  addJobs(queue: string, jobs: readonly JobToAdd[]): Promise<void>;
  inFlight: Pick<InFlight, 'admissionSent' | 'admissionAnswered' | 'reserve' | 'release'>;
  health: Pick<RedisHealth, 'trouble' | 'failed'>;
  /** Cancel the request: its commands may still run when Redis answers again, and its caller no longer waits. */
  onGivenUp(requestId: string): void;
  onError(error: Error): void;
}

/** Admits a whole request and adds its parts to the queue, or returns the reason, within 500 ms. Never rejects. */
export function createSubmit(options: SubmitOptions): (submission: Submission) => Promise<SubmitResult> {
  const { health, inFlight } = options;
  const away: SubmitResult = { ok: false, reason: 'redis_away' };
  return async (submission) => {
    if (health.trouble() !== undefined) return away;
    const limit = startAnswerLimit(submitLimitMs);
    const failed = (error: Error, seen?: Error): SubmitResult => {
      options.onError(error);
      health.failed(seen);
      return away;
    };
    const result = await Promise.race([
      admitAndAdd(options, submission, limit.isOver).catch((error: Error) => failed(error, error)),
      limit.over.then(() => failed(new Error('no answer within the limit of a submission'))),
    ]);
    limit.stop();
    if (!result.ok && result.reason === 'redis_away') {
      inFlight.release(submission.requestId);
      options.onGivenUp(submission.requestId);
    }
    return result;
  };
}

async function admitAndAdd(
  { gatewayId, admit, addJobs, inFlight }: SubmitOptions,
  { requestId, queue, parts, limit, waitMs }: Submission,
  isLate: () => boolean,
): Promise<SubmitResult> {
  const cost = { tokens: total(parts, 'tokens'), bytes: total(parts, 'bytes') };
  const released = inFlight.admissionSent(queue);
  const admission = await admit({ queue, released, cost, limit }).finally(inFlight.admissionAnswered);
  if (!admission.admitted) return { ok: false, reason: 'queue_full', inFlight: admission.inFlight };
  // late: the caller already got `redis_away`. The next heartbeat corrects what this call added to the gateway's total
  if (isLate()) return { ok: false, reason: 'redis_away' };
  inFlight.reserve(requestId, { queue, parts: parts.map((part) => part.cost), now: Date.now() });
  const stamp = { queuedAtMs: admission.nowMs, deadlineMs: admission.nowMs + waitMs, gateway: gatewayId };
  await addJobs(
    queue,
    parts.map((part) => jobOf(part, stamp)),
  );
  return { ok: true };
}

function jobOf({ cost, ...part }: JobPart, stamp: Pick<RerankJob, 'queuedAtMs' | 'deadlineMs' | 'gateway'>): JobToAdd {
  const opts = {
    jobId: jobId(part.requestId, part.part),
    // on Redis' clock, as are all times that a job's age is compared with
    timestamp: stamp.queuedAtMs,
    // BullMQ runs jobs without a priority before all others, so every job has a priority
    priority: part.priority + 1,
    removeOnComplete: true,
    attempts: 1,
  };
  return { name: 'rerank', data: { ...part, ...stamp, estimatedTokens: cost.tokens }, opts };
}

function total(parts: readonly JobPart[], what: keyof Cost): number {
  return parts.reduce((sum, part) => sum + part.cost[what], 0);
}
