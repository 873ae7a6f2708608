export interface RepeatLimits {
  /** Most calls. */
  max: number;
  /** No call begins that would probably end after this. */
  limitMs: number;
}

/** Calls `once` with 1, 2, 3 and so on, each when the one before has ended; the first always. */
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
  /** Fewest requests, however long they take. */
  atLeast: number;
}

/** How many requests keep a side of this speed busy for so long. */
export function requestsLasting(durationMs: number, { docsPerS, documentsPerRequest, atLeast }: Pace): number {
  return Math.max(atLeast, Math.ceil((docsPerS * durationMs) / 1000 / documentsPerRequest));
}
