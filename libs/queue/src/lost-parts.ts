import { wireVersion, type JobOutcome } from '@rerank-fleet/contract';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { InFlight, OpenPart } from './in-flight';
import { jobId } from './keys';

/** Parts are looked for on the queue once they are this old: an outcome normally comes first. */
const checkAgeMs = 10_000;
/** What no worker has dropped this long after its caller stopped waiting is removed, where no worker is left to do it. */
const removeAgeMs = 60_000;

export interface LostPartsOptions {
  redis: Redis;
  inFlight: InFlight;
  bullPrefix: string;
  queueOf(name: string): Queue;
  hasWorker(queue: string): boolean;
  onOutcome(outcome: JobOutcome): void;
}

/**
 * Looks for parts that will never be answered. A job that is on no queue in two looks in a row was lost with Redis'
 * data (an outcome is always appended before its job goes): its caller is told to ask again. A job that nobody waits
 * for and no worker will ever drop is removed, so that neither its text nor its share of the admission stays.
 */
export function createLostPartsCheck(options: LostPartsOptions): () => Promise<void> {
  const { redis, inFlight, bullPrefix } = options;
  let missedBefore = new Set<string>();
  return async () => {
    const now = Date.now();
    const parts = inFlight.olderParts(now, checkAgeMs);
    if (parts.length === 0) return;
    const pipeline = redis.pipeline();
    for (const { requestId, queue, part } of parts) pipeline.exists(`${bullPrefix}:${queue}:${jobId(requestId, part)}`);
    const replies = (await pipeline.exec()) ?? [];
    const missing = parts.filter((_part, index) => replies[index]?.[0] === null && replies[index]?.[1] === 0);
    for (const part of missing.filter((one) => missedBefore.has(idOf(one)))) giveUp(options, part);
    missedBefore = new Set(missing.map(idOf));
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

function giveUp({ inFlight, onOutcome }: LostPartsOptions, { requestId, part }: OpenPart): void {
  inFlight.settlePart(requestId, part);
  const failure = { code: 'redis_away' as const, retryAfterS: 1, message: 'The queue lost this request. Ask again.' };
  onOutcome({ v: wireVersion, requestId, part, ok: false, failure });
}
