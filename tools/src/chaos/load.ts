import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../bench/statistics';
import { type Client, type Task, type Target, createClient } from './client';
import type { Tally } from './tally';

/** A refused request that its caller sends again after `Retry-After`. */
interface PendingRetry {
  task: Task;
  dueMs: number;
  /** The fault during which it was refused. */
  label: string;
}

interface Caller {
  client: Client;
  pendingRetry: PendingRetry | undefined;
}

/** A number of requests that are sent within a period. */
interface Stretch {
  /** The fault for which the requests are counted. */
  label: string;
  first: number;
  count: number;
  /** Period over which the requests are spread. It takes longer when the callers cannot keep up. */
  durationMs: number;
}

/** Callers, gateways and requests of a load. */
export interface LoadOptions {
  targets: readonly Target[];
  /** Number of concurrent callers. */
  callerCount: number;
  /** Seed for the order in which each caller uses the targets. */
  seed: number;
  /** Time after the request's wait until a missing answer counts as lost. */
  graceMs: number;
  tally: Tally;
  /** The request with a number; always the same for the same number. */
  makeTask(number: number): Task;
}

/** Number of requests that are due at the same time. */
const burst = 6;

/** A set of callers that send requests. */
export interface Load {
  /** Resolves when every request of the stretch has its outcome. */
  run(stretch: Stretch): Promise<void>;
  /** Resolves when every request that is in progress now has its outcome. */
  settled(): Promise<void>;
  /** Checks for surplus answers a last time, and closes all connections. */
  close(): void;
}

interface Run {
  stretch: Stretch;
  numbers: Iterator<number>;
  /** Aborted when no number is left: callers that wait for a retry then send it in the next stretch. */
  spent: AbortController;
}

/** Spreads requests over callers. A caller whose request was refused sends it again after `Retry-After`. */
export function createLoad({ tally, makeTask, ...options }: LoadOptions): Load {
  const callers = createCallers(tally, options);
  const inProgress = new Set<Promise<void>>();
  const askOnce = async (caller: Caller, number: number, label: string) => {
    const { pendingRetry } = caller;
    caller.pendingRetry = undefined;
    const task = pendingRetry ? { ...pendingRetry.task, number } : makeTask(number);
    const verdict = await caller.client.ask(task);
    tally.record(number, label, verdict);
    if (pendingRetry) tally.recordRetry(pendingRetry.label, verdict.outcome !== 'refused');
    if (verdict.retryAfterS === undefined) return;
    caller.pendingRetry = { task, dueMs: performance.now() + verdict.retryAfterS * 1000, label };
  };
  const runCaller = async (caller: Caller, { stretch, numbers, spent }: Run) => {
    const beganMs = performance.now();
    for (;;) {
      if (caller.pendingRetry) await sleepUntil(caller.pendingRetry.dueMs, spent.signal);
      const { value: number, done } = numbers.next();
      if (done) return spent.abort();
      const group = Math.floor((number - stretch.first) / burst) * burst;
      await sleepUntil(beganMs + (group / stretch.count) * stretch.durationMs);
      const asking = askOnce(caller, number, stretch.label);
      inProgress.add(asking);
      await asking;
      inProgress.delete(asking);
    }
  };
  return {
    async run(stretch) {
      const run = { stretch, numbers: range(stretch.first, stretch.count), spent: new AbortController() };
      setMaxListeners(callers.length, run.spent.signal);
      await Promise.all(callers.map((caller) => runCaller(caller, run)));
    },
    async settled() {
      await Promise.all([...inProgress]);
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
    pendingRetry: undefined,
  }));
}

function* range(first: number, count: number): Generator<number> {
  for (let number = first; number < first + count; number++) yield number;
}

async function sleepUntil(ms: number, signal?: AbortSignal): Promise<void> {
  const leftMs = ms - performance.now();
  if (leftMs > 0) await delay(leftMs, undefined, { ...(signal && { signal }) }).catch(() => undefined);
}
