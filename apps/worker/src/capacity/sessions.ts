import type { Result } from '@rerank-fleet/contract';
import { cachedQueryOf, type Manifest, type Provider } from '@rerank-fleet/scoring';

/** What a worker of a bundle takes of the memory, estimated. */
export interface Footprint {
  /** Without any session: Node, the runtime's code and the tokenizer. */
  baseBytes: number;
  sessionBytes: number;
}

const mib = 2 ** 20;

/*
 * Resident memory of built workers after the warm-up, Linux x64, Node 20, onnxruntime 1.30, MiB (2026-11):
 * default bundle (74 MiB of weights, tokenizer.json 6.2) with 1, 2, 4 sessions: 521, 646, 898; 954 under load with 4.
 * A bundle of 1 MiB with 1, 4 sessions: 190, 288. So 160 for the process, 240 for the default tokenizer (Unigram; 131 for
 * Qwen3's of 10.9), and 126 to 140 for a session. Larger weights, of docs/models/variants.md: 1.15 to 1.45 times their
 * files while a session loads.
 */
const processBytes = 160 * mib;
const bytesPerTokenizerByte = 40;
const bytesPerWeightByte = 1.25;
const sessionOverheadBytes = 50 * mib;

/** @param preparedBytes what each session may keep of prepared queries, which fills where these are keys and values */
export function footprintOf(manifest: Manifest, preparedBytes: number): Footprint {
  const { tokenizer, tokenizerConfig: _small, ...weights } = manifest.files;
  const weightBytes = Object.values(weights).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const keepsKeysAndValues = manifest.head === 'causal-yes-no' && cachedQueryOf(manifest) !== undefined;
  return {
    baseBytes: processBytes + bytesPerTokenizerByte * tokenizer.sizeBytes,
    sessionBytes:
      sessionOverheadBytes + Math.ceil(bytesPerWeightByte * weightBytes) + (keepsKeysAndValues ? preparedBytes : 0),
  };
}

export interface SessionLimits {
  /** SESSIONS, where it is set. */
  wanted: number | undefined;
  provider: Provider;
  /** Cores that the process may keep busy, 1 at least. */
  cores: number;
  /** The most that the process may take of the memory. */
  memoryLimitBytes: number;
  footprint: Footprint;
}

/** Sessions that are estimated to need more than there is. */
interface Excess {
  neededMib: number;
  limitMib: number;
  /** How many would fit. */
  fittingSessions: number;
}

/** Refused where not even one session has room; the message continues "the bundle ...". */
export type SessionPlan = Result<{ sessions: number; excess: Excess | undefined }, { message: string }>;

/** The estimate may be as far off: a worker that may just fit is started, with a warning. */
const clearlyTooMuch = 0.8;

/**
 * How many sessions to start: what was asked for, or one for each core as far as the memory has room. On a device one,
 * whose weights are in the device's memory: nothing is estimated there.
 */
export function planSessions({ wanted, provider, cores, memoryLimitBytes, footprint }: SessionLimits): SessionPlan {
  if (provider === 'cuda') return { ok: true, sessions: wanted ?? 1, excess: undefined };
  const neededBytes = (sessions: number) => footprint.baseBytes + sessions * footprint.sessionBytes;
  const limitMib = Math.floor(memoryLimitBytes / mib);
  if (clearlyTooMuch * neededBytes(1) > memoryLimitBytes) {
    const message = `needs about ${mibOf(neededBytes(1))} MiB of memory with one session and may take ${limitMib} MiB, where no session fits: raise the memory limit, or set MODEL to a smaller bundle`;
    return { ok: false, message };
  }
  const fittingSessions = Math.max(0, Math.floor((memoryLimitBytes - footprint.baseBytes) / footprint.sessionBytes));
  const sessions = wanted ?? Math.max(1, Math.min(cores, fittingSessions));
  const excess = { neededMib: mibOf(neededBytes(sessions)), limitMib, fittingSessions };
  return { ok: true, sessions, excess: sessions > fittingSessions ? excess : undefined };
}

function mibOf(bytes: number): number {
  return Math.ceil(bytes / mib);
}
