/**
 * Runs again and again, each time a while after the last run ended: while Redis hangs, commands do not pile up. A run that
 * fails is reported and followed by the next.
 *
 * @returns what ends it; a run under way goes on
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
