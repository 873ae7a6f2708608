/** Measures the worker's speed for its announcement. */
export interface SpeedMeter {
  /** Sets the initial value: tokens per second of one session, as measured by the warm-up. */
  begin(tokensPerSecond: number): void;
  /** Reports that a batch on one session has ended, `durationMs` after its call. */
  batchRun(tokens: number, durationMs: number): void;
  /** Reports that an encoder has processed a slice of a job, with its estimated cost. */
  sliceEncoded(estimatedTokens: number, durationMs: number): void;
  /** Reports encoded texts and their tokens. */
  encoded(bytes: number, tokens: number): void;
  /**
   * Tokens per second of the whole worker while all sessions have work: their sum, or less if the encoders cannot keep
   * them busy. Undefined before the first batch.
   */
  tokensPerSecond(): number | undefined;
  tokensPerByte(): number | undefined;
}

export interface SpeedMeterOptions {
  sessions: number;
  /** Number of threads that encode. */
  encoders: number;
  /** Current time, ms. */
  now: () => number;
}

/** A measurement of this age counts half, so the value follows a change within seconds. */
const halfLifeMs = 2_000;
/** Total weight of all past measurements, as time. */
const windowMs = halfLifeMs / Math.LN2;
/** Older texts lose weight once this many bytes were seen. */
const windowBytes = 1_000_000;

export function createSpeedMeter({ sessions, encoders, now }: SpeedMeterOptions): SpeedMeter {
  const session = createSessionSpeed(now);
  const encoder = createEncoderLoad(encoders, now);
  let bytesSeen = 0;
  let tokensSeen = 0;
  return {
    begin: session.begin,
    batchRun: session.add,
    sliceEncoded: encoder.add,
    encoded(bytes, tokens) {
      bytesSeen += bytes;
      tokensSeen += tokens;
      if (bytesSeen > windowBytes) {
        bytesSeen /= 2;
        tokensSeen /= 2;
      }
    },
    tokensPerSecond() {
      const each = session.tokensPerSecond();
      return each === undefined ? undefined : Math.min(each * sessions, encoder.limitedSpeed(each * sessions));
    },
    tokensPerByte: () => (bytesSeen > 0 && tokensSeen > 0 ? tokensSeen / bytesSeen : undefined),
  };
}

/** Tokens over the time of batches. Past values lose weight only while a session has work, so idle time keeps them. */
function createSessionSpeed(now: () => number) {
  let tokens = 0;
  let busyMs = 0;
  let lastEndMs = -Infinity;
  return {
    begin(tokensPerSecond: number): void {
      busyMs = windowMs;
      tokens = (tokensPerSecond * windowMs) / 1_000;
    },
    add(batchTokens: number, durationMs: number): void {
      const endMs = now();
      const kept = keptAfter(endMs - Math.max(endMs - durationMs, lastEndMs));
      lastEndMs = endMs;
      tokens = tokens * kept + batchTokens;
      busyMs = busyMs * kept + durationMs;
    },
    tokensPerSecond: (): number | undefined => (busyMs > 0 && tokens > 0 ? (tokens * 1_000) / busyMs : undefined),
  };
}

/** How busy the encoders were recently, as the mean of all, and with how many tokens. Idle time counts too. */
function createEncoderLoad(encoders: number, now: () => number) {
  let tokens = 0;
  let busyMs = 0;
  let atMs = -Infinity;
  const fade = () => {
    const nowMs = now();
    const kept = keptAfter(nowMs - atMs);
    tokens *= kept;
    busyMs *= kept;
    atMs = nowMs;
  };
  return {
    add(sliceTokens: number, durationMs: number): void {
      fade();
      tokens += sliceTokens;
      busyMs += durationMs / encoders;
    },
    /** The tokens per second that sessions of this speed get from the encoders. */
    limitedSpeed(tokensPerSecond: number): number {
      fade();
      const idleMs = Math.max(0, windowMs - busyMs);
      return (tokens * 1_000 + tokensPerSecond * idleMs) / (busyMs + idleMs);
    },
  };
}

function keptAfter(passedMs: number): number {
  return 0.5 ** (passedMs / halfLifeMs);
}
