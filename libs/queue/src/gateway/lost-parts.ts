import { wireVersion, type JobOutcome } from '@rerank-fleet/contract';
import type { Queue } from 'bullmq';
import type { InFlight, OpenPart } from './in-flight';
import { jobId } from '../redis/keys';
import type { RedisClient } from '../redis/connections';

/** Interval of the check, ms. Only parts older than `checkAgeMs` are checked, because most outcomes arrive earlier. */
export const lostPartsCheckMs = 3_000;
const checkAgeMs = 3_000;
/** Jobs that still exist this long after their caller stopped waiting are removed, if the queue has no worker. */
const removeAgeMs = 60_000;

export interface LostPartsOptions {
  redis: RedisClient;
  inFlight: InFlight;
  bullPrefix: string;
  queueOf(name: string): Queue;
  hasWorker(queue: string): boolean;
  /** All outcomes appended before this time have been read, on the clock of `performance.now()`. */
  outcomesSeenUntilMs(): number;
  onOutcome(outcome: JobOutcome): void;
}

/**
 * Checks for parts that will never be answered. An outcome is always appended before its job is removed. So a job that
 * does not exist and has no outcome was lost with Redis' data: its caller gets `redis_away` within 10 s, and may retry.
 * A job whose caller no longer waits, on a queue without workers, is removed: otherwise its text and its share of the
 * admission would stay.
 */
export function createLostPartsCheck(options: LostPartsOptions): () => Promise<void> {
  const { redis, inFlight, bullPrefix, outcomesSeenUntilMs } = options;
  /** Part -> when it was first found missing, on the clock of `performance.now()`. */
  let missingSinceMs = new Map<string, number>();
  return async () => {
    const now = Date.now();
    const parts = inFlight.olderParts(now, checkAgeMs);
    if (parts.length === 0) return;
    const pipeline = redis.pipeline();
    for (const { requestId, queue, part } of parts) pipeline.exists(`${bullPrefix}:${queue}:${jobId(requestId, part)}`);
    const replies = (await pipeline.exec()) ?? [];
    const answeredMs = performance.now();
    const missing = parts.filter((_part, index) => replies[index]?.[0] === null && replies[index]?.[1] === 0);
    missingSinceMs = new Map(missing.map((part) => [idOf(part), missingSinceMs.get(idOf(part)) ?? answeredMs]));
    for (const part of missing) {
      if ((missingSinceMs.get(idOf(part)) ?? Infinity) < outcomesSeenUntilMs()) reportLost(options, part);
    }
    for (const part of parts.filter((one) => isOrphan(one, now) && !options.hasWorker(one.queue))) {
      await options.queueOf(part.queue).remove(idOf(part));
      inFlight.settlePart(part.requestId, part.part);
    }
  };
}

const idOf = ({ requestId, part }: OpenPart): string => jobId(requestId, part);

function isOrphan({ abandonedAtMs }: OpenPart, now: number): boolean {
  return abandonedAtMs !== undefined && now - abandonedAtMs > removeAgeMs;
}

function reportLost({ inFlight, onOutcome }: LostPartsOptions, { requestId, part }: OpenPart): void {
  inFlight.settlePart(requestId, part);
  const failure = {
    code: 'redis_away' as const,
    retryAfterS: 1,
    message: 'The queue lost this request. Retry the request.',
  };
  onOutcome({ v: wireVersion, requestId, part, ok: false, failure });
}
