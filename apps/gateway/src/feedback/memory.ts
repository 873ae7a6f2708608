import type { RankingRecorder } from '../rank/edge';

/** What is kept of a ranking: enough to judge it later, and nothing that its caller sent. */
interface RememberedRanking {
  /** Name of the bundle that ranked. */
  model: string;
  /** Documents of the request. */
  documents: number;
  /** Rank of a document, from 1; undefined when it was not returned, or further down than is kept. */
  rankOf(index: number): number | undefined;
}

/** The last rankings of this process, by request id. */
export interface RankingMemory extends RankingRecorder {
  find(requestId: string): RememberedRanking | undefined;
  /** Notes that the ranking was judged; false when it had been before. */
  judge(requestId: string): boolean;
}

/** Ranks that are kept of a ranking; what lies below hardly moves any figure. */
const keptRanks = 100;

/**
 * Remembers so many rankings; the oldest is forgotten first. About 250 bytes each with short rankings, 650 at most.
 *
 * @param capacity 0 remembers nothing
 */
export function createRankingMemory(capacity: number): RankingMemory {
  const rankings = new Map<string, { model: string; documents: number; order: Uint32Array; isJudged: boolean }>();
  // a ring: the first key of a map is slow to find where many have been deleted before it
  const ids: string[] = [];
  let oldest = 0;
  return {
    remember(requestId, { model, documents, order }) {
      if (capacity === 0) return;
      const forgotten = ids[oldest];
      if (forgotten !== undefined) rankings.delete(forgotten);
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
        const place = kept.order.indexOf(index);
        return place === -1 ? undefined : place + 1;
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
