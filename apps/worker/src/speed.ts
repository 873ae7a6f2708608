/** What a worker measures of itself for its announcement. */
export interface SpeedMeter {
  /** One batch on one session. */
  batchRun(tokens: number, durationMs: number): void;
  /** Texts as they came and the tokens they made. */
  encoded(bytes: number, tokens: number): void;
  /** Of the whole worker, all sessions busy; undefined before the first batch. */
  tokensPerSecond(): number | undefined;
  tokensPerByte(): number | undefined;
}

/** Weight of the newest batch: the figure follows a change of load within some tens of batches. */
const batchWeight = 0.05;
/** Older texts fade once this much text has been seen. */
const memoryBytes = 1_000_000;

export function createSpeedMeter(sessions: number): SpeedMeter {
  let perSession: number | undefined;
  let bytesSeen = 0;
  let tokensSeen = 0;
  return {
    batchRun(tokens, durationMs) {
      if (durationMs <= 0) return;
      const speed = (tokens * 1000) / durationMs;
      perSession = perSession === undefined ? speed : perSession + batchWeight * (speed - perSession);
    },
    encoded(bytes, tokens) {
      bytesSeen += bytes;
      tokensSeen += tokens;
      if (bytesSeen > memoryBytes) {
        bytesSeen /= 2;
        tokensSeen /= 2;
      }
    },
    tokensPerSecond: () => (perSession === undefined ? undefined : perSession * sessions),
    tokensPerByte: () => (bytesSeen > 0 && tokensSeen > 0 ? tokensSeen / bytesSeen : undefined),
  };
}
