import { jobEnvelopeSchema, wireVersion, type ErrorCode, type JobOutcome } from '@rerank-fleet/contract';
import { UnrecoverableError, type Job } from 'bullmq';
import { replyExpiryS, replyStreamLength } from '../redis/timing';
import type { WorkerState } from './state';

/** A job whose lock this worker holds. */
export interface HeldJob {
  job: Job<unknown>;
  token: string;
}

const refusals: Partial<Record<ErrorCode, string>> = {
  internal: 'The workers that took this request ended without an answer.',
  interrupted: 'The workers that took this request were too busy to finish it. Retry the request.',
  unsupported_job_version: 'This request was written by a newer gateway, and its worker cannot read it.',
};
/** Retry-After of interrupted requests. */
const interruptedRetryS = 1;

/** Answers a job that cannot be run with a failure, if the job names its gateway, and keeps the job as failed. */
export async function refuse(state: WorkerState, { job, token, code }: HeldJob & { code: ErrorCode }): Promise<void> {
  const envelope = jobEnvelopeSchema.safeParse(job.data);
  if (envelope.success) {
    const { requestId, part, gateway } = envelope.data;
    const failure = {
      code,
      message: refusals[code] ?? 'The request could not be run.',
      ...(code === 'interrupted' && { retryAfterS: interruptedRetryS }),
    };
    await appendOrReleaseLock(state, job, () =>
      append(state, gateway, { v: wireVersion, requestId, part, ok: false, failure }),
    );
  }
  await finish(state, job, () => job.moveToFailed(new UnrecoverableError(code), token, false));
}

/** Appends an outcome to the gateway's stream, then ends the job. Rejects when Redis does not accept the outcome. */
export async function settle(
  state: WorkerState,
  { job, gateway, token, outcome }: HeldJob & { gateway: string; outcome: JobOutcome },
): Promise<void> {
  await appendOrReleaseLock(state, job, () => append(state, gateway, outcome));
  const workerFailed = !outcome.ok && (outcome.failure.code === 'internal' || outcome.failure.code === 'invalid_score');
  await finish(state, job, () =>
    workerFailed
      ? job.moveToFailed(new UnrecoverableError(outcome.failure.code), token, false)
      : job.moveToCompleted(0, token, false),
  );
}

/** When the outcome cannot be appended, stops renewing the job's lock: it expires, and a worker takes the job again. */
async function appendOrReleaseLock(state: WorkerState, job: Job<unknown>, run: () => Promise<void>): Promise<void> {
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
  // a refused append (Redis is full) must not end the job: its lock expires, and it is taken and answered again
  const refused = replies?.find(([error]) => error)?.[0];
  if (refused) throw refused;
}

/** Ends a job in BullMQ. An expired lock means that another worker has the job; this outcome still counts. */
async function finish(state: WorkerState, job: Job<unknown>, end: () => Promise<unknown>): Promise<void> {
  try {
    await end();
  } catch (error) {
    state.options.onError('finish', error as Error);
  } finally {
    state.locks.delete(job.id as string);
  }
}
