/** The parts of a process that a shutdown needs. */
export interface Stoppable {
  name: string;
  kill(signal: NodeJS.Signals): void;
  exited: Promise<unknown>;
}

/** Processes that are stopped together, after the processes of the previous stage have ended. */
export interface Stage<P extends Stoppable> {
  processes: P[];
  /** Time of SIGKILL for processes that still run, ms since the shutdown began. */
  killAtMs: number;
}

/** Time source of the shutdown; tests replace it. */
export interface Clock {
  nowMs(): number;
  /** Resolves after the delay, or when the signal aborts. */
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
}

/**
 * Stops the stages one after the other: sends SIGTERM, waits, and sends SIGKILL at the time limit of the stage. Returns
 * the names of the killed processes. All processes have ended when the promise resolves.
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

/** Waits until all processes have ended or the time is over. Returns the processes that still run. */
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
