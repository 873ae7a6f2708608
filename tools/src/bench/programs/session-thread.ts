import type { EncodedDocument, EncodedQuery } from '@rerank-fleet/scoring';
import { createFakeSession, type FakePreparedQuery } from '@rerank-fleet/scoring/testing';
import { serveCalls } from './serve-calls';

/** Replaces the worker's session thread: a model whose calls take no time. */
interface ScoreCall {
  queries: EncodedQuery[];
  rows: { query: number; document: EncodedDocument }[];
}

/** A fake session keeps its calls in memory, so it is replaced by a new one from time to time. */
const callsMax = 1_000;
const freshSession = () => createFakeSession({ logitOf: () => 0.5 });
let session = freshSession();

serveCalls(async ({ queries, rows }: ScoreCall) => {
  const startedAt = performance.now();
  if (session.calls.length >= callsMax) session = freshSession();
  const prepared = queries.map(({ key, ids }): FakePreparedQuery => ({ key, ids }));
  const named = rows.map(({ query, document }) => ({ query: prepared[query] as FakePreparedQuery, document }));
  const logits = await session.score(named);
  return { logits, durationMs: performance.now() - startedAt };
});
