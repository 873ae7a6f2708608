/** Resolves in a turn of the event loop. Each turn resolves one waiting call. */
export type TakeTurn = () => Promise<void>;

/**
 * Distributes long work that arrives at the same time, such as large bodies, over turns of the event loop. Between two
 * of them, the event loop serves everything else.
 */
export function createTurns(): TakeTurn {
  let last = Promise.resolve();
  return () => (last = last.then(() => new Promise((resolve) => setImmediate(resolve))));
}
