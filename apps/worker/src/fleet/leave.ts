import { setTimeout as delay } from 'node:timers/promises';
import type { WorkerQueue } from '@rerank-fleet/queue';
import type { TakeLoop } from '../pipeline/take-loop';

/**
 * Leaves the fleet: leaves the registry, stops taking jobs, then waits for the answers of taken jobs. `limitMs` is used
 * to plan these steps; the caller must enforce the limit.
 */
export async function leaveFleet(queue: WorkerQueue, loop: TakeLoop, limitMs: number): Promise<void> {
  await lingerAsLast(queue, limitMs / 2);
  loop.stop();
  // while Redis is away, taken jobs cannot be answered: their locks expire and other workers take them
  if (queue.isUp()) await drained(loop, queue, limitMs / 4);
}

/**
 * Leaves the registry. As the last worker of its bundle it continues to take jobs for a while, at most `limitMs`; not
 * at all while Redis is away. Never rejects, because the following steps must run.
 */
async function lingerAsLast(queue: WorkerQueue, limitMs: number): Promise<void> {
  if (!queue.isUp()) return;
  const over = new AbortController();
  const pause = (ms: number) => delay(ms, undefined, { signal: over.signal }).catch(() => undefined);
  const lingering = queue.withdraw().then(pause, () => undefined);
  await Promise.race([lingering, pause(limitMs)]);
  over.abort();
}

/** Waits for taken jobs. An empty take may outlast the drain; after `emptyTakeMs`, closing the queue ends it. */
async function drained(loop: TakeLoop, queue: WorkerQueue, emptyTakeMs: number): Promise<void> {
  const over = new AbortController();
  const timeLimit = delay(emptyTakeMs, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([loop.drained(), timeLimit]);
  over.abort();
  if (queue.held() > 0) await loop.drained();
}
