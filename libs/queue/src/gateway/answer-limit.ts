/** A limit on the time that Redis takes to answer. */
export interface AnswerLimit {
  over: Promise<void>;
  isOver(): boolean;
  stop(): void;
}

const tickMs = 50;

/**
 * Counts ticks of 50 ms. Time in which this process is too busy to read answers counts as one tick, however long it is,
 * because Redis is not the cause of that delay.
 */
export function startAnswerLimit(limitMs: number): AnswerLimit {
  let ticksLeft = Math.ceil(limitMs / tickMs);
  let timer: NodeJS.Timeout;
  const over = new Promise<void>((resolve) => {
    const tick = () => {
      if (ticksLeft-- === 0) return resolve();
      timer = setTimeout(tick, tickMs);
    };
    tick();
  });
  return { over, isOver: () => ticksLeft < 0, stop: () => clearTimeout(timer) };
}
