import type { ThreadCaller } from './thread-rpc';

/** Gives each call to the thread with the fewest calls in progress. Threads answer independently of each other. */
export function spreadCalls<Argument, Value>(
  threads: readonly Pick<ThreadCaller<Argument, Value>, 'call'>[],
): (argument: Argument) => Promise<Value> {
  const callers = threads.map((thread) => ({ thread, open: 0 }));
  return async (argument) => {
    const caller = callers.reduce((least, one) => (one.open < least.open ? one : least));
    caller.open += 1;
    try {
      return await caller.thread.call(argument);
    } finally {
      caller.open -= 1;
    }
  };
}
