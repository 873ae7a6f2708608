import type { Clock } from './round';

/** A clock that only advances during sleeps, and records their durations. */
export interface FakeClock extends Clock {
  slept: number[];
}

export function fakeClock(): FakeClock {
  let nowMs = 0;
  const clock: FakeClock = {
    slept: [],
    nowMs: () => nowMs,
    async sleep(delayMs, signal) {
      if (signal.aborted) return;
      clock.slept.push(delayMs);
      nowMs += delayMs;
    },
  };
  return clock;
}
