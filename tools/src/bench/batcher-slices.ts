import { createBatcher, type BatchItem } from '@rerank-fleet/batching';
import type { EncodedRow } from './model-threads';
import type { SliceLimits } from './slices';

export interface BatcherSlicesOptions extends SliceLimits {
  /** Whether rows of different queries may share a batch. */
  mixesQueries: boolean;
  /** The next request arrives when fewer rows than this are left. */
  refillBelow: number;
}

/** All batches that the worker would form. The batcher decides by the pending rows, not by the duration of a call. */
export function batcherSlices(
  arrivals: readonly EncodedRow[][],
  { tokenBudget, maxRows, mixesQueries, refillBelow }: BatcherSlicesOptions,
): EncodedRow[][] {
  const batcher = createBatcher<EncodedRow>({ tokenBudget, maxRows, now: () => 0 });
  const waiting = arrivals.values();
  const slices: EncodedRow[][] = [];
  for (;;) {
    while (batcher.pendingItems < refillBelow) {
      const next = waiting.next();
      if (next.done === true) break;
      batcher.add(next.value.map((row) => itemOf(row, mixesQueries)));
    }
    const batch = batcher.take();
    if (batch === undefined) return slices;
    slices.push(batch.items.map(({ value }) => value));
  }
}

function itemOf(value: EncodedRow, mixesQueries: boolean): BatchItem<EncodedRow> {
  const group = mixesQueries ? '' : value.query.key;
  return { value, tokens: value.document.rowTokens, group, priority: 0, enqueuedAtMs: 0 };
}
