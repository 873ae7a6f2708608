/** The token budget of the batches to come. */
export interface PresentBudget {
  tokens(): number;
  /** Reports a call of the model that succeeded, with its cells. */
  fitted(cells: number): void;
  /** Reports that a call of several rows did not fit into memory, with its cells. */
  outOfMemory(cells: number): void;
}

/** A budget rises again by this factor after so many calls that use most of it; a rise too far doubles their number. */
const riseFactor = 1.25;
const callsToRise = 32;
const callsToRiseMax = 4_096;

/**
 * Starts with the largest budget. A call that does not fit halves it, below the size of the call. It rises again step
 * by step with calls that fit. `onChange` is also called with the first value.
 */
export function createPresentBudget(largest: number, onChange: (tokens: number) => void): PresentBudget {
  let tokens = largest;
  let needed = callsToRise;
  let fitting = 0;
  let hasRisen = false;
  const set = (next: number) => {
    hasRisen = next > tokens;
    tokens = next;
    fitting = 0;
    onChange(tokens);
  };
  onChange(tokens);
  return {
    tokens: () => tokens,
    fitted(cells) {
      // a small call says nothing about a larger one
      if (tokens === largest || cells <= tokens / 2) return;
      fitting += 1;
      if (fitting >= needed) set(Math.min(largest, Math.ceil(tokens * riseFactor)));
    },
    outOfMemory(cells) {
      const half = Math.max(1, Math.floor(cells / 2));
      // several sessions may fail with calls of the old size
      if (half >= tokens) return;
      if (hasRisen) needed = Math.min(callsToRiseMax, 2 * needed);
      set(half);
    },
  };
}
