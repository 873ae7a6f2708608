import { InvalidScoreError, type EncodedQuery, type Row, type Session } from '@rerank-fleet/scoring';
import { LRUCache } from 'lru-cache';
import type { BatchQuery, BatchRows, QueryToPrepare } from '../rows/batch-rows';
import { ownQuery, shareQuery, type SharedQuery } from '../rows/shared-query';

/** Limits of the prepared queries that a session caches. */
export interface PreparedLimits {
  queries: number;
  bytes: number;
}

type Prepared = NonNullable<unknown>;

/** A session's calls, with the queries that it prepared or was given. */
export interface BatchScorer {
  /**
   * Scores the rows of a batch in one call of the session. A row without a finite score has a logit that is not finite;
   * the caller checks each row.
   */
  score(batch: BatchRows): Promise<Float64Array>;
  /** Prepares a query for all sessions; undefined if it has values that are not numbers. */
  prepare(query: QueryToPrepare): Promise<SharedQuery | undefined>;
}

export function createBatchScorer(session: Session, limits: PreparedLimits): BatchScorer {
  const keeper = createQueryKeeper(session, limits);
  return {
    async score({ queries, rows }) {
      const prepared: (Prepared | undefined)[] = [];
      for (const query of queries) prepared.push(await keeper.preparedOf(query));
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
    },
    async prepare(query) {
      const prepared = await keeper.prepare(query);
      return prepared && shareQuery(prepared);
    },
  };
}

/** Keeps the last prepared queries of a session within the limits. */
function createQueryKeeper(session: Session, limits: PreparedLimits) {
  const kept = new LRUCache<string, Prepared>({ max: limits.queries, maxSize: limits.bytes });
  // also one that is too large for the cache, because the batches of a request follow each other
  let last: { key: string; value: Prepared } | undefined;
  const keep = ({ key }: EncodedQuery, value: Prepared): Prepared => {
    kept.set(key, value, { size: Math.max(1, session.preparedBytes(value)) });
    last = { key, value };
    return value;
  };
  const knownOf = ({ key }: EncodedQuery) => kept.get(key) ?? (last?.key === key ? last.value : undefined);
  const prepare = async ({ query, start }: QueryToPrepare): Promise<Prepared | undefined> => {
    const known = knownOf(query);
    if (known !== undefined) return known;
    const first = start && { prepared: ownQuery(start.prepared), tokens: start.tokens };
    try {
      return keep(query, (await session.prepare(query, first)) as Prepared);
    } catch (error) {
      if (error instanceof InvalidScoreError) return undefined;
      throw error;
    }
  };
  return {
    prepare,
    /** Undefined for a query with values that are not numbers. */
    async preparedOf({ prepared, ...query }: BatchQuery): Promise<Prepared | undefined> {
      return knownOf(query) ?? (prepared ? keep(query, ownQuery(prepared)) : prepare({ query }));
    },
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
