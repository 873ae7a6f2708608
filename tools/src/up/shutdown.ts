/** What stopping needs of a process. */
export interface Stoppable {
  name: string;
  kill(signal: NodeJS.Signals): void;
  exited: Promise<unknown>;
}

/** Processes that are stopped together, after those of the stage before have ended. */
export interface Stage<P extends Stoppable> {
  processes: P[];
  /** When those still alive get SIGKILL, ms since the shutdown began. */
  killAtMs: number;
}

/** Time as the shutdown sees it; tests bring their own. */
export interface Clock {
  nowMs(): number;
  /** Resolves after that time, or at once when the signal aborts. */
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
}

/**
 * Asks each stage in turn to end (SIGTERM), waits for it, and kills what is left at its time. Returns the names of
 * those that had to be killed. All of them are gone when it resolves.
 */
export async function stopInOrder<P extends Stoppable>(stages: Stage<P>[], clock: Clock): Promise<string[]> {
  const beganMs = clock.nowMs();
  const killed: string[] = [];
  for (const { processes, killAtMs } of stages) {
    for (const each of processes) each.kill('SIGTERM');
    const leftMs = Math.max(0, beganMs + killAtMs - clock.nowMs());
    const late = await stillAlive(processes, { clock, leftMs });
    for (const each of late) each.kill('SIGKILL');
    await Promise.all(late.map((each) => each.exited));
    killed.push(...late.map((each) => each.name));
  }
  return killed;
}

/** Waits until all have ended or the time is over; returns those that have not ended. */
async function stillAlive<P extends Stoppable>(
  processes: P[],
  { clock, leftMs }: { clock: Clock; leftMs: number },
): Promise<P[]> {
  const alive = new Set(processes);
  const stopWaiting = new AbortController();
  const ends = processes.map(async (each) => {
    await each.exited;
    alive.delete(each);
  });
  await Promise.race([Promise.all(ends), clock.sleep(leftMs, stopWaiting.signal)]);
  stopWaiting.abort();
  return [...alive];
}
