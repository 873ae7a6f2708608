import { workerData } from 'node:worker_threads';
import { isDeviceLost, isOutOfMemory, openSession, type Bundle, type Processor } from '@rerank-fleet/model-runtime';
import type { Provider } from '@rerank-fleet/scoring';
import type { BatchRows, BatchScores, PreparedQuery, QueryToPrepare } from '../rows/batch-rows';
import { createBatchScorer, type PreparedLimits } from './score-batch';
import { serveCalls } from './thread-rpc';

export interface SessionThreadData {
  bundle: Bundle;
  provider: Provider;
  processor: Processor;
  prepared: PreparedLimits;
}

/** What a session's thread is asked for: to score a batch, or to prepare a query. */
export type SessionCall = BatchRows | QueryToPrepare;

const { bundle, provider, processor, prepared } = workerData as SessionThreadData;
const opened = openSession(bundle, { provider, processor, threads: 1 });
const scorer = opened.then((session) => createBatchScorer(session, prepared));
// each call reports the failure; an unhandled rejection would end the thread before, with less information
scorer.catch(() => undefined);

serveCalls<SessionCall, BatchScores | PreparedQuery>({
  async handle(call) {
    const { score, prepare } = await scorer;
    const startedAt = performance.now();
    const durationMs = () => performance.now() - startedAt;
    if ('rows' in call) return { logits: await score(call), durationMs: durationMs() };
    return { prepared: await prepare(call), durationMs: durationMs() };
  },
  failureOf(error) {
    const message = error instanceof Error ? error.message : 'unknown';
    if (isDeviceLost(error)) return { kind: 'device_lost', message };
    return { kind: isOutOfMemory(error) ? 'out_of_memory' : 'failed', message };
  },
  close: () =>
    opened.then(
      (session) => session.close(),
      () => undefined,
    ),
});
