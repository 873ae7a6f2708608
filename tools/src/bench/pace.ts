export interface RepeatLimits {
  /** Maximum number of calls. */
  max: number;
  /** No call starts that would probably end after this time. */
  limitMs: number;
}

/** Calls `once` with 1, 2, 3 and so on, one after the other. The first call always happens. */
export async function repeatWithin(
  { max, limitMs }: RepeatLimits,
  once: (round: number) => Promise<void>,
): Promise<void> {
  const beganMs = performance.now();
  for (let round = 1; round <= max; round++) {
    const spentMs = performance.now() - beganMs;
    if (round > 1 && (spentMs * round) / (round - 1) > limitMs) return;
    await once(round);
  }
}

export interface Pace {
  docsPerS: number;
  documentsPerRequest: number;
  /** Minimum number of requests. */
  atLeast: number;
}

/** Number of requests that keep a side with this speed busy for the duration. */
export function requestsLasting(durationMs: number, { docsPerS, documentsPerRequest, atLeast }: Pace): number {
  return Math.max(atLeast, Math.ceil((docsPerS * durationMs) / 1000 / documentsPerRequest));
}
