/** What a worker measures of itself for its announcement. */
export interface SpeedMeter {
  /** What to begin with: tokens a second of one session, as the warm-up measured it. */
  begin(tokensPerSecond: number): void;
  /** One batch on one session, from its call to its answer, ms on one clock. To be told in the order of the ends. */
  batchRun(tokens: number, startedAtMs: number, endedAtMs: number): void;
  /** One job in the encoder: the tokens that it was estimated to cost, and how long the encoder worked on it. */
  jobEncoded(estimatedTokens: number, durationMs: number): void;
  /** Texts as they came and the tokens they made. */
  encoded(bytes: number, tokens: number): void;
  /**
   * Of the whole worker while it has work for all sessions: what they do together, or less where the one encoder cannot
   * keep them busy. Undefined before the first batch.
   */
  tokensPerSecond(): number | undefined;
  tokensPerByte(): number | undefined;
}

/** Work that lies this much working time back counts half: the figure follows a change within seconds, both ways. */
const halfLifeMs = 2_000;
/** The weight of all the past, where its speed never changed, as working time. */
const memoryMs = halfLifeMs / Math.LN2;
/** Older texts fade once this much text has been seen. */
const memoryBytes = 1_000_000;

export function createSpeedMeter(sessions: number): SpeedMeter {
  const session = createRate();
  const encoder = createRate();
  let lastEndMs = -Infinity;
  let bytesSeen = 0;
  let tokensSeen = 0;
  return {
    begin(tokensPerSecond) {
      session.begin(tokensPerSecond);
      encoder.begin(tokensPerSecond * sessions);
    },
    batchRun(tokens, startedAtMs, endedAtMs) {
      // time in which no session had work is not counted, and time in which several had only once
      const passedMs = endedAtMs - Math.max(startedAtMs, lastEndMs);
      lastEndMs = endedAtMs;
      session.add({ tokens, busyMs: endedAtMs - startedAtMs, passedMs });
    },
    jobEncoded(tokens, durationMs) {
      encoder.add({ tokens, busyMs: durationMs, passedMs: durationMs });
    },
    encoded(bytes, tokens) {
      bytesSeen += bytes;
      tokensSeen += tokens;
      if (bytesSeen > memoryBytes) {
        bytesSeen /= 2;
        tokensSeen /= 2;
      }
    },
    tokensPerSecond() {
      const each = session.tokensPerSecond();
      return each === undefined ? undefined : Math.min(each * sessions, encoder.tokensPerSecond() ?? Infinity);
    },
    tokensPerByte: () => (bytesSeen > 0 && tokensSeen > 0 ? tokensSeen / bytesSeen : undefined),
  };
}

/** Tokens over busy time, of which the latter part counts most. */
function createRate() {
  let tokens = 0;
  let busyMs = 0;
  return {
    begin(tokensPerSecond: number): void {
      busyMs = memoryMs;
      tokens = (tokensPerSecond * memoryMs) / 1_000;
    },
    /** `passedMs` is the time by which everything before has aged. */
    add(work: { tokens: number; busyMs: number; passedMs: number }): void {
      const kept = 0.5 ** (work.passedMs / halfLifeMs);
      tokens = tokens * kept + work.tokens;
      busyMs = busyMs * kept + work.busyMs;
    },
    tokensPerSecond: (): number | undefined => (busyMs > 0 && tokens > 0 ? (tokens * 1_000) / busyMs : undefined),
  };
}
