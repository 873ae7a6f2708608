import type { Result } from '@rerank-fleet/contract';
import { weightFilesOf, type Bundle } from '@rerank-fleet/model-runtime';
import { cachedQueryOf, type Provider } from '@rerank-fleet/scoring';

/** The estimated memory use of a worker of a bundle. */
export interface Footprint {
  /** Memory without any session: Node, the runtime's code, a tokenizer per encoder thread, and shared weights. */
  baseBytes: number;
  sessionBytes: number;
}

const mib = 2 ** 20;

/*
 * Resident memory of built workers after the warm-up, Linux x64, Node 20, onnxruntime 1.30, MiB (2026-11): default
 * bundle (74 MiB of weights, tokenizer.json 6.2) with 1, 2, 4 sessions: 521, 646, 898; 954 under load with 4. A bundle
 * of 1 MiB with 1, 4 sessions: 190, 288. This gives 160 for the process, 240 for the default tokenizer (Unigram; 131
 * for Qwen3's of 10.9), and 126 to 140 per session. Larger weights of docs/models/variants.md take 1.15 to 1.45 times
 * their file size while a session loads.
 *
 * Sessions that share packed weights map them. Private memory with 1, 2, 4 sessions: default bundle 275, 307, 338; an int8
 * model of 0.6B (1,014 MiB of weights, tokenizer.json 10.9) with 1, 2, 3: 274, 318, 346. Packing takes 1.0 times the
 * weights, before there is a session.
 */
const processBytes = 160 * mib;
const bytesPerTokenizerByte = 40;
const bytesPerWeightByte = 1.25;
const sessionOverheadBytes = 50 * mib;

export interface FootprintOptions {
  /** Memory of the worker for prepared queries; it fills up if these are keys and values. */
  preparedBytes: number;
  /** Number of encoder threads. */
  encoders: number;
}

export function footprintOf(
  { manifest, packedModel }: Omit<Bundle, 'dir'>,
  { preparedBytes, encoders }: FootprintOptions,
): Footprint {
  const fileBytes = weightFilesOf(manifest).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const weightBytes = Math.ceil(bytesPerWeightByte * fileBytes);
  const isShared = packedModel !== undefined;
  const tokenizerBytes = encoders * bytesPerTokenizerByte * manifest.files.tokenizer.sizeBytes;
  const keptBytes = cachedQueryOf(manifest) === undefined ? 0 : preparedBytes;
  return {
    baseBytes: processBytes + tokenizerBytes + keptBytes + (isShared ? weightBytes : 0),
    sessionBytes: sessionOverheadBytes + (isShared ? 0 : weightBytes),
  };
}

export interface SessionLimits {
  /** SESSIONS, if it is set. */
  wanted: number | undefined;
  provider: Provider;
  /** Cores that the process may use, at least 1. */
  cores: number;
  /** Memory limit of the process. */
  memoryLimitBytes: number;
  footprint: Footprint;
}

/** The estimate, if the planned sessions may need more memory than there is. */
interface Excess {
  neededMib: number;
  limitMib: number;
  /** The number of sessions that fit. */
  fittingSessions: number;
}

/** The plan. Refused if not even one session fits; the message continues "the bundle ...". */
export type SessionPlan = Result<{ sessions: number; excess: Excess | undefined }, { message: string }>;

/** Share of the estimate that must fit. Above the limit but within this share, the worker starts with a warning. */
const clearlyTooMuch = 0.8;

/**
 * Decides the number of sessions: the configured one, otherwise one per core as far as the memory suffices. On a device
 * it is one. Nothing is estimated there, because the weights are in the device's memory.
 */
export function planSessions({ wanted, provider, cores, memoryLimitBytes, footprint }: SessionLimits): SessionPlan {
  if (provider === 'cuda') return { ok: true, sessions: wanted ?? 1, excess: undefined };
  const neededBytes = (sessions: number) => footprint.baseBytes + sessions * footprint.sessionBytes;
  const limitMib = Math.floor(memoryLimitBytes / mib);
  if (clearlyTooMuch * neededBytes(1) > memoryLimitBytes) {
    const message = `needs about ${mibOf(neededBytes(1))} MiB of memory with one session, but the limit is ${limitMib} MiB: raise the memory limit, or set MODEL to a smaller bundle`;
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
