import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../bench/statistics';
import { type Client, type Errand, type Target, createClient } from './client';
import type { Tally } from './tally';

/** A refused request that its caller sends again once the time that it was told has passed. */
interface Return {
  errand: Errand;
  dueMs: number;
  /** The fault during which it was refused. */
  label: string;
}

interface Caller {
  client: Client;
  coming: Return | undefined;
}

/** Some requests that are sent within a time. */
interface Stretch {
  /** The fault that they count for. */
  label: string;
  first: number;
  count: number;
  /** Over which they are spread; longer when the callers do not get to send them in time. */
  durationMs: number;
}

/** Who asks whom, and for what. */
export interface LoadOptions {
  targets: readonly Target[];
  /** Callers that ask at the same time. */
  callerCount: number;
  /** Of the order in which each caller takes the targets. */
  seed: number;
  /** How long after its wait an answer may come before it counts as lost. */
  graceMs: number;
  tally: Tally;
  /** The request of a number; the same for the same number. */
  makeErrand(number: number): Errand;
}

/** Requests that come at once. */
const burst = 6;

/** Callers that ask. */
export interface Load {
  /** Resolves when every request of the stretch has its outcome. */
  run(stretch: Stretch): Promise<void>;
  /** Resolves when all that is under way now has its outcome. */
  settled(): Promise<void>;
  /** Looks a last time for answers that nobody asked for, and closes all connections. */
  close(): void;
}

interface Run {
  stretch: Stretch;
  numbers: Iterator<number>;
  /** Aborted when no number is left: whoever waits to come again does so in the next stretch. */
  spent: AbortController;
}

/** Spreads requests over callers. One that was refused sends its request again, as the next, when it was told to. */
export function createLoad({ tally, makeErrand, ...options }: LoadOptions): Load {
  const callers = createCallers(tally, options);
  const underWay = new Set<Promise<void>>();
  const askOnce = async (caller: Caller, number: number, label: string) => {
    const { coming } = caller;
    caller.coming = undefined;
    const errand = coming ? { ...coming.errand, number } : makeErrand(number);
    const verdict = await caller.client.ask(errand);
    tally.record(number, label, verdict);
    if (coming) tally.recordReturn(coming.label, verdict.outcome !== 'refused');
    if (verdict.retryAfterS === undefined) return;
    caller.coming = { errand, dueMs: performance.now() + verdict.retryAfterS * 1000, label };
  };
  const runCaller = async (caller: Caller, { stretch, numbers, spent }: Run) => {
    const beganMs = performance.now();
    for (;;) {
      if (caller.coming) await sleepUntil(caller.coming.dueMs, spent.signal);
      const { value: number, done } = numbers.next();
      if (done) return spent.abort();
      const group = Math.floor((number - stretch.first) / burst) * burst;
      await sleepUntil(beganMs + (group / stretch.count) * stretch.durationMs);
      const asking = askOnce(caller, number, stretch.label);
      underWay.add(asking);
      await asking;
      underWay.delete(asking);
    }
  };
  return {
    async run(stretch) {
      const run = { stretch, numbers: range(stretch.first, stretch.count), spent: new AbortController() };
      setMaxListeners(callers.length, run.spent.signal);
      await Promise.all(callers.map((caller) => runCaller(caller, run)));
    },
    async settled() {
      await Promise.all([...underWay]);
    },
    close() {
      for (const { client } of callers) client.close();
    },
  };
}

function createCallers(
  tally: Tally,
  { targets, callerCount, seed, graceMs }: Pick<LoadOptions, 'targets' | 'callerCount' | 'seed' | 'graceMs'>,
): Caller[] {
  const requestIds = new Set<string>();
  return Array.from({ length: callerCount }, (_, index) => ({
    client: createClient({
      targets,
      random: seededRandom(seed * 1_000 + index),
      onTwice: (number) => tally.record(number, 'the end', { outcome: 'twice', reason: 'bytes after the answer' }),
      requestIds,
      graceMs,
    }),
    coming: undefined,
  }));
}

function* range(first: number, count: number): Generator<number> {
  for (let number = first; number < first + count; number++) yield number;
}

async function sleepUntil(ms: number, signal?: AbortSignal): Promise<void> {
  const leftMs = ms - performance.now();
  if (leftMs > 0) await delay(leftMs, undefined, { ...(signal && { signal }) }).catch(() => undefined);
}
