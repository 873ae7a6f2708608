import { InvalidScoreError, type EncodedQuery, type Row, type Session } from '@rerank-fleet/scoring';
import { LRUCache } from 'lru-cache';
import type { BatchRows } from '../rows/batch-rows';

/** Limits of the prepared queries that a session caches. */
export interface PreparedLimits {
  queries: number;
  bytes: number;
}

type Prepared = NonNullable<unknown>;

/**
 * Scores the rows of a batch in one call of the session, and caches the queries that it prepared. A row without a
 * finite score has a logit that is not finite; the caller checks each row.
 */
export function createBatchScorer(session: Session, limits: PreparedLimits) {
  const prepare = createQueryKeeper(session, limits);
  return async ({ queries, rows }: BatchRows): Promise<Float64Array> => {
    const prepared: (Prepared | undefined)[] = [];
    for (const query of queries) prepared.push(await prepare(query));
    const logits = new Float64Array(rows.length).fill(NaN);
    const ready: Row[] = [];
    const positions: number[] = [];
    rows.forEach(({ query, document }, position) => {
      if (prepared[query] === undefined) return;
      ready.push({ query: prepared[query], document });
      positions.push(position);
    });
    if (ready.length === 0) return logits;
    const scored = await score(session, ready);
    positions.forEach((position, index) => (logits[position] = scored[index] ?? NaN));
    return logits;
  };
}

/**
 * Prepares queries and caches the last ones within the limits. Undefined for a query with values that are not numbers.
 */
function createQueryKeeper(session: Session, limits: PreparedLimits) {
  const kept = new LRUCache<string, Prepared>({ max: limits.queries, maxSize: limits.bytes });
  // also one that is too large for the cache, because the batches of a request follow each other
  let last: { key: string; value: Prepared } | undefined;
  return async (query: EncodedQuery): Promise<Prepared | undefined> => {
    const known = kept.get(query.key) ?? (last?.key === query.key ? last.value : undefined);
    if (known !== undefined) return known;
    try {
      const value = (await session.prepare(query)) as Prepared;
      kept.set(query.key, value, { size: Math.max(1, session.preparedBytes(value)) });
      last = { key: query.key, value };
      return value;
    } catch (error) {
      if (error instanceof InvalidScoreError) return undefined;
      throw error;
    }
  };
}

async function score(session: Session, rows: readonly Row[]): Promise<Float64Array> {
  try {
    return await session.score(rows);
  } catch (error) {
    if (error instanceof InvalidScoreError && error.logits !== undefined) return error.logits;
    throw error;
  }
}
