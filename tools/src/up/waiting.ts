import { setTimeout as delay } from 'node:timers/promises';

/** Thrown out of every wait when the launcher is told to stop. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
  }
}

export interface PollOptions {
  signal: AbortSignal;
  /** Gives up, with `undefined`, once this is true. */
  until?: () => boolean;
  /** Called after each look that found nothing, with the time waited so far. */
  onWait?: (waitedMs: number) => void;
  intervalMs?: number;
}

/**
 * Looks again and again until there is something (a truthy value), which it returns; `undefined` when it gave up.
 * Rejects with {@link Interrupted} when the signal aborts.
 */
export async function poll<T>(look: () => T | Promise<T>, options: PollOptions): Promise<T | undefined> {
  const { signal, until = () => false, onWait = () => undefined, intervalMs = 50 } = options;
  const beganMs = performance.now();
  for (;;) {
    if (signal.aborted) throw new Interrupted();
    const found = await look();
    if (found) return found;
    if (until()) return undefined;
    onWait(performance.now() - beganMs);
    await delay(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}
