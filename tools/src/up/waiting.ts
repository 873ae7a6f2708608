import { setTimeout as delay } from 'node:timers/promises';

/** Thrown by every wait when the launcher must stop. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
  }
}

export interface PollOptions {
  signal?: AbortSignal;
  /** Ends the wait with `undefined` when it returns true. It gets the time waited so far. */
  until?: (waitedMs: number) => boolean;
  /** Called after each attempt without a result, with the time waited so far. */
  onWait?: (waitedMs: number) => void;
  intervalMs?: number;
}

/**
 * Calls `look` repeatedly until it returns a truthy value, and returns that value; `undefined` when `until` ended the
 * wait. Rejects with {@link Interrupted} when the signal aborts.
 */
export async function poll<T>(look: () => T | Promise<T>, options: PollOptions): Promise<T | undefined> {
  const { signal, until = () => false, onWait = () => undefined, intervalMs = 50 } = options;
  const beganMs = performance.now();
  for (;;) {
    if (signal?.aborted) throw new Interrupted();
    const found = await look();
    if (found) return found;
    const waitedMs = performance.now() - beganMs;
    if (until(waitedMs)) return undefined;
    onWait(waitedMs);
    await delay(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}
