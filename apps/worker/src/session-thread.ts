import { workerData } from 'node:worker_threads';
import { isDeviceLost, isOutOfMemory, openSession, type Bundle } from '@rerank-fleet/model-runtime';
import { InvalidScoreError, type EncodedQuery, type Provider } from '@rerank-fleet/scoring';
import { LRUCache } from 'lru-cache';
import type { BatchRows } from './pipeline';
import { serveCalls } from './thread-rpc';

/** Bounds on the prepared queries that a session keeps. */
export interface PreparedLimits {
  queries: number;
  bytes: number;
}

export interface SessionThreadData {
  bundle: Bundle;
  provider: Provider;
  prepared: PreparedLimits;
}

const { bundle, provider, prepared: limits } = workerData as SessionThreadData;
const opened = openSession(bundle, { provider, threads: 1 });
// whoever calls is told; a thread that dies of it first would tell less
opened.catch(() => undefined);
const prepared = new LRUCache<string, NonNullable<unknown>>({ max: limits.queries, maxSize: limits.bytes });

/** Also one that is too large to be kept: the batches of its request follow each other. */
let last: { key: string; value: NonNullable<unknown> } | undefined;

async function prepare(query: EncodedQuery): Promise<NonNullable<unknown>> {
  const known = prepared.get(query.key) ?? (last?.key === query.key ? last.value : undefined);
  if (known) return known;
  const session = await opened;
  const fresh = (await session.prepare(query)) as NonNullable<unknown>;
  prepared.set(query.key, fresh, { size: Math.max(1, session.preparedBytes(fresh)) });
  last = { key: query.key, value: fresh };
  return fresh;
}

serveCalls<BatchRows, { logits: Float64Array; durationMs: number }>({
  async handle({ queries, rows }) {
    const session = await opened;
    const startedAt = performance.now();
    const ready: NonNullable<unknown>[] = [];
    for (const query of queries) ready.push(await prepare(query));
    const logits = await session.score(rows.map((row) => ({ query: ready[row.query], document: row.document })));
    return { logits, durationMs: performance.now() - startedAt };
  },
  failureOf(error) {
    if (error instanceof InvalidScoreError) return { kind: 'invalid_score', message: error.message };
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
