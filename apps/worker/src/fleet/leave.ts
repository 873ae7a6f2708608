import { setTimeout as delay } from 'node:timers/promises';
import type { WorkerQueue } from '@rerank-fleet/queue';
import type { TakeLoop } from '../pipeline/take-loop';

/**
 * Leaves the fleet: first the registry, then no job is taken any more, then what is held is answered. How long that may
 * take is bounded by whoever calls; `limitMs` is what it plans with.
 */
export async function leaveFleet(queue: WorkerQueue, loop: TakeLoop, limitMs: number): Promise<void> {
  await lingerAsLast(queue, limitMs / 2);
  loop.stop();
  // what is held cannot be answered while Redis is away: its locks lapse and others take it
  if (queue.isUp()) await drained(loop, queue, limitMs / 4);
}

/**
 * Leaves the registry and, as the last worker of its bundle, goes on taking for a while; never longer than `limitMs`, and
 * not at all while Redis is away. Never rejects: what comes after it must run.
 */
async function lingerAsLast(queue: WorkerQueue, limitMs: number): Promise<void> {
  if (!queue.isUp()) return;
  const over = new AbortController();
  const pause = (ms: number) => delay(ms, undefined, { signal: over.signal }).catch(() => undefined);
  const lingering = queue.withdraw().then(pause, () => undefined);
  await Promise.race([lingering, pause(limitMs)]);
  over.abort();
}

/** A take that brings nothing may wait for longer than the drain may: past `emptyTakeMs` closing the queue ends it. */
async function drained(loop: TakeLoop, queue: WorkerQueue, emptyTakeMs: number): Promise<void> {
  const over = new AbortController();
  const patience = delay(emptyTakeMs, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([loop.drained(), patience]);
  over.abort();
  if (queue.held() > 0) await loop.drained();
}
