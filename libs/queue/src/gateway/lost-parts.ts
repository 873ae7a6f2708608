import { wireVersion, type JobOutcome } from '@rerank-fleet/contract';
import type { Queue } from 'bullmq';
import type { InFlight, OpenPart } from './in-flight';
import { jobId } from '../redis/keys';
import type { RedisClient } from '../redis/connections';

/** How often parts are looked for, and how old they are by then: an outcome normally comes first. */
export const lostPartsCheckMs = 3_000;
const checkAgeMs = 3_000;
/** What no worker has dropped this long after its caller stopped waiting is removed, where no worker is left to do it. */
const removeAgeMs = 60_000;

export interface LostPartsOptions {
  redis: RedisClient;
  inFlight: InFlight;
  bullPrefix: string;
  queueOf(name: string): Queue;
  hasWorker(queue: string): boolean;
  /** Until when every outcome that was appended has been seen, on the clock of `performance.now()`. */
  outcomesSeenUntilMs(): number;
  onOutcome(outcome: JobOutcome): void;
}

/**
 * Looks for parts that will never be answered. A job that is on no queue, and whose outcome had not been appended by then
 * (an outcome is always appended before its job goes), was lost with Redis' data: its caller is told to ask again, within
 * 10 s. A job that nobody waits for and no worker will ever drop is removed, so that neither its text nor its share of the
 * admission stays.
 */
export function createLostPartsCheck(options: LostPartsOptions): () => Promise<void> {
  const { redis, inFlight, bullPrefix, outcomesSeenUntilMs } = options;
  /** Part -> when it was first found missing. */
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
  const failure = { code: 'redis_away' as const, retryAfterS: 1, message: 'The queue lost this request. Ask again.' };
  onOutcome({ v: wireVersion, requestId, part, ok: false, failure });
}
