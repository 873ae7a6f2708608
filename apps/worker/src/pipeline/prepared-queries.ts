import type { EncodedQuery } from '@rerank-fleet/scoring';
import { LRUCache } from 'lru-cache';
import type { KnownQueryStart, QueryToPrepare } from '../rows/batch-rows';
import { sharedBytes, type SharedQuery } from '../rows/shared-query';

/** How a query was found: as a whole, with its first tokens, or not at all. */
type QueryLookup = 'kept' | 'continued' | 'computed';

export interface PreparedQueriesOptions {
  /** Limits of what is kept. */
  limits: { queries: number; bytes: number };
  /** Called for each job's query, once it is there, with the bytes that are kept. */
  onLookup(lookup: QueryLookup, keptBytes: number): void;
}

/** The prepared queries of a worker, for all its sessions. What had to go is computed again when it is needed. */
export interface PreparedQueries<Job> {
  known(key: string): SharedQuery | undefined;
  /**
   * Resolves when the query was prepared, which is done once for all jobs that wait for it. `compute` gets these jobs,
   * and what to prepare once it begins, so that nothing is held while it waits. It returns undefined if there is nothing
   * to keep.
   */
  prepare(query: EncodedQuery, job: Job, compute: Compute<Job>): Promise<void>;
}

type Compute<Job> = (toPrepare: () => QueryToPrepare, jobs: ReadonlySet<Job>) => Promise<SharedQuery | undefined>;

export function createPreparedQueries<Job>({ limits, onLookup }: PreparedQueriesOptions): PreparedQueries<Job> {
  const kept = new LRUCache<string, { ids: Int32Array; prepared: SharedQuery }>({
    max: limits.queries,
    maxSize: limits.bytes,
    sizeCalculation: ({ prepared }) => Math.max(1, sharedBytes(prepared)),
  });
  const running = new Map<string, { jobs: Set<Job>; done: Promise<void> }>();
  const computeAndKeep = async (query: EncodedQuery, jobs: ReadonlySet<Job>, compute: Compute<Job>) => {
    let start: KnownQueryStart | undefined;
    const toPrepare = (): QueryToPrepare => {
      start = longestStart([...kept.values()], query.ids);
      return { query, start };
    };
    try {
      const prepared = await compute(toPrepare, jobs);
      if (prepared === undefined) return;
      kept.set(query.key, { ids: query.ids, prepared });
      onLookup(start === undefined ? 'computed' : 'continued', kept.calculatedSize);
    } finally {
      running.delete(query.key);
    }
  };
  return {
    known: (key) => kept.get(key)?.prepared,
    async prepare(query, job, compute) {
      const { key } = query;
      const other = running.get(key);
      if (other !== undefined) {
        other.jobs.add(job);
        await other.done;
      }
      if (kept.has(key)) return onLookup('kept', kept.calculatedSize);
      // it was too large to keep, or could not be prepared: its batches do that for themselves
      if (other !== undefined) return;
      const jobs = new Set([job]);
      const done = computeAndKeep(query, jobs, compute);
      running.set(key, { jobs, done });
      await done;
    },
  };
}

/** A start of fewer tokens is computed in less time than it takes to copy. */
const startTokensMin = 16;

/** The kept query that shares the most first tokens, of which one is left to compute. */
function longestStart(
  kept: readonly { ids: Int32Array; prepared: SharedQuery }[],
  ids: Int32Array,
): KnownQueryStart | undefined {
  let longest: KnownQueryStart | undefined;
  for (const { ids: other, prepared } of kept) {
    const limit = Math.min(other.length, ids.length - 1);
    let tokens = 0;
    while (tokens < limit && other[tokens] === ids[tokens]) tokens++;
    if (tokens >= startTokensMin && tokens > (longest?.tokens ?? 0)) longest = { prepared, tokens };
  }
  return longest;
}
