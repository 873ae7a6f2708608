import type { EncodedDocument, EncodedQuery } from '@rerank-fleet/scoring';
import type { BatchRows, SessionRunner } from '../rows/batch-rows';
import { isOutOfMemory } from '../threads/thread-rpc';
import type { Threads } from '../threads/threads';
import type { SpeedMeter } from './speed';
import type { TimedCall } from './token-budget';

/** Text in two scripts, of at least {@link tokensPerSentence} tokens. Only its duration matters. */
const sentence = 'The worker scores a passage of ordinary length to measure itself. 服务启动时先测量速度。 ';
const tokensPerSentence = 8;
/** Tokens of a row, unless larger calls need longer rows. Short ones fill a call of any size well. */
const usualRowTokens = 64;
/** A document has at least this many tokens, however long the template and the query are. */
const documentTokensMin = 16;

/** What a session takes. */
export interface CallLimits {
  maxRows: number;
  /** Longest row. */
  maxLengthTokens: number;
}

/** Calls of made-up rows, to measure the sessions. */
export interface TrialCalls {
  /** The smallest call: one row of this many tokens. */
  rowTokens: number;
  /**
   * Runs a call of about this many tokens on all sessions at once, as under load, because they share caches, memory and
   * its bandwidth. Rejects if the model fails, or if even one row per session does not fit into memory.
   */
  time(tokens: number): Promise<TimedCall | 'out_of_memory'>;
}

export async function createTrialCalls(threads: Threads, limits: CallLimits, speed: SpeedMeter): Promise<TrialCalls> {
  const text = sentence.repeat(4);
  const { query, document } = await encode(threads, { query: { query: 'how fast is this worker?' }, text });
  speed.encoded(Buffer.byteLength(text), document.truncation?.tokens ?? document.keptTokens);
  const frameTokens = document.rowTokens - document.keptTokens;
  const rowTokens = Math.min(limits.maxLengthTokens, Math.max(usualRowTokens, frameTokens + documentTokensMin));
  return {
    rowTokens,
    async time(tokens) {
      const eachTokens = Math.min(limits.maxLengthTokens, Math.max(rowTokens, Math.ceil(tokens / limits.maxRows)));
      const { document: row } = await encode(threads, {
        query,
        text: sentence.repeat(Math.ceil(eachTokens / tokensPerSentence)),
        maxTokensPerDocument: Math.max(1, eachTokens - frameTokens),
      });
      const count = Math.max(1, Math.min(limits.maxRows, Math.floor(tokens / row.rowTokens)));
      const rows = Array.from({ length: count }, () => ({ query: 0, document: row }));
      return timeBatch(threads.sessions, { queries: [query], rows });
    },
  };
}

interface Pair {
  query: Parameters<Threads['encode']>[0]['query'];
  text: string;
  maxTokensPerDocument?: number;
}

async function encode(
  threads: Threads,
  { text, ...slice }: Pair,
): Promise<{ query: EncodedQuery; document: EncodedDocument }> {
  const encoded = await threads.encode({ ...slice, documents: [text] });
  const document = encoded.ok ? encoded.documents[0] : undefined;
  if (!encoded.ok || document === undefined) throw new Error('the pair of the warm-up was refused');
  return { query: encoded.query, document };
}

async function timeBatch(sessions: SessionRunner[], batch: BatchRows): Promise<TimedCall | 'out_of_memory'> {
  const results = await Promise.allSettled(sessions.map((session) => durationOf(session, batch)));
  const errors = results.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const fault = errors.find((error) => batch.rows.length === 1 || !isOutOfMemory(error));
  if (fault !== undefined) throw fault;
  if (errors.length > 0) return 'out_of_memory';
  const durationsMs = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const cells = batch.rows.length * Math.max(...batch.rows.map(({ document }) => document.rowTokens));
  // sessions do not wait for each other, so their speeds are added up, not their times
  const callsPerMs = durationsMs.reduce((sum, durationMs) => sum + 1 / durationMs, 0);
  return { cells, durationMs: durationsMs.length / callsPerMs };
}

async function durationOf(session: SessionRunner, batch: BatchRows): Promise<number> {
  const { logits, durationMs } = await session.run(batch);
  if (!logits.every(Number.isFinite)) throw new Error('the model returned scores that are not numbers');
  return durationMs;
}
