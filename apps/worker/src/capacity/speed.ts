/** What a worker measures of itself for its announcement. */
export interface SpeedMeter {
  /** What to begin with: tokens a second of one session, as the warm-up measured it. */
  begin(tokensPerSecond: number): void;
  /** One batch on one session has ended, so long after it was called. */
  batchRun(tokens: number, durationMs: number): void;
  /** The encoder has worked so long on a part of a job, which was estimated to cost so many tokens. */
  sliceEncoded(estimatedTokens: number, durationMs: number): void;
  /** Texts as they came and the tokens they made. */
  encoded(bytes: number, tokens: number): void;
  /**
   * Of the whole worker while it has work for all sessions: what they do together, or less where the one encoder does not
   * keep them busy. Undefined before the first batch.
   */
  tokensPerSecond(): number | undefined;
  tokensPerByte(): number | undefined;
}

export interface SpeedMeterOptions {
  sessions: number;
  /** Milliseconds. */
  now: () => number;
}

/** What lies this far back counts half: the figure follows a change within seconds, both ways. */
const halfLifeMs = 2_000;
/** What all the past weighs together, as time. */
const memoryMs = halfLifeMs / Math.LN2;
/** Older texts fade once this much text has been seen. */
const memoryBytes = 1_000_000;

export function createSpeedMeter({ sessions, now }: SpeedMeterOptions): SpeedMeter {
  const session = createSessionSpeed(now);
  const encoder = createEncoderLoad(now);
  let bytesSeen = 0;
  let tokensSeen = 0;
  return {
    begin: session.begin,
    batchRun: session.add,
    sliceEncoded: encoder.add,
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
      return each === undefined ? undefined : Math.min(each * sessions, encoder.letsThrough(each * sessions));
    },
    tokensPerByte: () => (bytesSeen > 0 && tokensSeen > 0 ? tokensSeen / bytesSeen : undefined),
  };
}

/** Tokens over the time of batches. The past fades by time in which a session had work, so that idle time keeps it. */
function createSessionSpeed(now: () => number) {
  let tokens = 0;
  let busyMs = 0;
  let lastEndMs = -Infinity;
  return {
    begin(tokensPerSecond: number): void {
      busyMs = memoryMs;
      tokens = (tokensPerSecond * memoryMs) / 1_000;
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

/** How busy the encoder was of late, and with how much. All time counts: a backlog of texts keeps the encoder busy. */
function createEncoderLoad(now: () => number) {
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
      busyMs += durationMs;
    },
    /** Tokens a second that sessions of this speed get to do: what came of the encoder's busy time, and all of the rest. */
    letsThrough(tokensPerSecond: number): number {
      fade();
      const idleMs = Math.max(0, memoryMs - busyMs);
      return (tokens * 1_000 + tokensPerSecond * idleMs) / (busyMs + idleMs);
    },
  };
}

function keptAfter(passedMs: number): number {
  return 0.5 ** (passedMs / halfLifeMs);
}
