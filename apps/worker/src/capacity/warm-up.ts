import type { BatchRows, SessionRunner } from '../rows/batch-rows';
import type { SpeedMeter } from './speed';
import type { Threads } from '../threads/threads';

/** Text in two scripts. Only its duration matters, and that its score is a number. */
const sentence = 'The worker scores a passage of ordinary length to measure itself. 服务启动时先测量速度。 ';
const rounds = 4;

/** The limits of a batch. */
export interface UsualBatch {
  tokenBudget: number;
  maxRows: number;
}

/**
 * Runs batches of the usual size on all sessions at once, as under load. Afterwards code and memory are warm, and the
 * speed is known. Rejects if the model fails or returns a value that is not a number.
 */
export async function warmUp(threads: Threads, usual: UsualBatch, speed: SpeedMeter): Promise<void> {
  const documents = [sentence.repeat(4)];
  const encoded = await threads.encode({ query: { query: 'how fast is this worker?' }, documents });
  if (!encoded.ok) throw new Error('the warm-up query was refused');
  const document = encoded.documents[0];
  if (!document) throw new Error('the warm-up document was not encoded');
  speed.encoded(Buffer.byteLength(documents.join()), document.truncation?.tokens ?? document.keptTokens);
  const count = Math.max(1, Math.min(usual.maxRows, Math.floor(usual.tokenBudget / document.rowTokens)));
  const batch: BatchRows = {
    queries: [encoded.query],
    rows: Array.from({ length: count }, () => ({ query: 0, document })),
  };
  const warmed = await Promise.allSettled(threads.sessions.map((session) => warmSession(session, batch)));
  const failed = warmed.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  const durationMs = warmed.reduce((sum, one) => sum + (one.status === 'fulfilled' ? one.value : 0), 0);
  if (durationMs > 0) speed.begin((count * document.rowTokens * warmed.length * 1_000) / durationMs);
}

/**
 * Duration of the fastest round, ms. Slower rounds have causes at the start, such as a cold cache. The value is only
 * the initial one of the speed.
 */
async function warmSession(session: SessionRunner, batch: BatchRows): Promise<number> {
  const durationsMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { logits, durationMs } = await session.run(batch);
    if (!logits.every(Number.isFinite)) throw new Error('the model returned scores that are not numbers');
    durationsMs.push(durationMs);
  }
  return Math.min(...durationsMs);
}
