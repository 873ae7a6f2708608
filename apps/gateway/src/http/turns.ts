/** Waits for a turn of the event loop of its own: of all that wait, one goes on in each. */
export type TakeTurn = () => Promise<void>;

/**
 * Work that takes long and came together, such as large bodies, is taken in turns: between two of them the event loop
 * serves everything else.
 */
export function createTurns(): TakeTurn {
  let last = Promise.resolve();
  return () => (last = last.then(() => new Promise((resolve) => setImmediate(resolve))));
}
