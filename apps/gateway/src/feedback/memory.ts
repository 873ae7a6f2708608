import type { RankingRecorder } from '../rank/edge';

/** What is kept of a ranking: enough to judge it later, and no text of its caller. */
interface StoredRanking {
  /** Name of the bundle that ranked. */
  model: string;
  /** Number of documents of the request. */
  documents: number;
  /** Rank of a document, from 1; undefined if it was not returned or its rank is not kept. */
  rankOf(index: number): number | undefined;
}

/** The last rankings of this process, by request id. */
export interface RankingMemory extends RankingRecorder {
  find(requestId: string): StoredRanking | undefined;
  /** Marks the ranking as judged. Returns false if it was judged before. */
  judge(requestId: string): boolean;
}

/** Number of ranks kept per ranking. Lower ranks hardly change any metric. */
const keptRanks = 100;

/**
 * Keeps `capacity` rankings and drops the oldest first. Each takes about 250 bytes if short, at most 650.
 *
 * @param capacity 0 keeps none
 */
export function createRankingMemory(capacity: number): RankingMemory {
  const rankings = new Map<string, { model: string; documents: number; order: Uint32Array; isJudged: boolean }>();
  // a ring: finding the first key of a map is slow after many deletions before it
  const ids: string[] = [];
  let oldest = 0;
  return {
    store(requestId, { model, documents, order }) {
      if (capacity === 0) return;
      const dropped = ids[oldest];
      if (dropped !== undefined) rankings.delete(dropped);
      ids[oldest] = requestId;
      oldest = (oldest + 1) % capacity;
      rankings.set(requestId, {
        model,
        documents,
        order: Uint32Array.from(order.slice(0, keptRanks)),
        isJudged: false,
      });
    },
    find(requestId) {
      const kept = rankings.get(requestId);
      if (!kept) return undefined;
      const rankOf = (index: number) => {
        const position = kept.order.indexOf(index);
        return position === -1 ? undefined : position + 1;
      };
      return { model: kept.model, documents: kept.documents, rankOf };
    },
    judge(requestId) {
      const kept = rankings.get(requestId);
      if (!kept || kept.isJudged) return false;
      kept.isJudged = true;
      return true;
    },
  };
}
