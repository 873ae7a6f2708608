/**
 * Calls `run` repeatedly, each time `delayMs` after the last call has ended, so commands do not pile up while Redis
 * hangs. A call that fails is reported, and the next one follows.
 *
 * @returns a function that stops the repetition; a call in progress continues
 */
export function repeat(
  run: () => Promise<unknown>,
  { delayMs, onError }: { delayMs: () => number; onError: (error: Error) => void },
): () => void {
  let stopped = false;
  let timer = setTimeout(tick, delayMs());
  function tick(): void {
    void run()
      .catch(onError)
      .finally(() => {
        if (!stopped) timer = setTimeout(tick, delayMs());
      });
  }
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
