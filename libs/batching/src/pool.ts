import type { BatchItem } from './batch';
import type { Entry } from './entry';
import { type Heap, pendingHeap, popEntry, pushEntry } from './heap';
import { createLengthBuckets, insertEntry, type LengthBuckets, removeSettled } from './length-buckets';

/** All pending entries, by urgency and, within their group, by length. */
export interface Pool<T> {
  /** Only groups with an entry. There may be one group per caller, so empty ones are removed. */
  readonly groups: Map<string, LengthBuckets<T>>;
  /** All pending entries, and at most as many entries that are no longer pending. */
  seeds: Heap<T>;
  /** Sum of the pending rows' own tokens. */
  tokens: number;
  items: number;
  /** The number of rows ever added. */
  arrivals: number;
}

/** A pool without entries. */
export function createPool<T>(): Pool<T> {
  return { groups: new Map(), seeds: [], tokens: 0, items: 0, arrivals: 0 };
}

/** Adds one row. */
export function insertItem<T>(pool: Pool<T>, item: BatchItem<T>, urgencyMs: number): void {
  const entry: Entry<T> = { item, urgencyMs, arrival: pool.arrivals++, pending: true };
  let buckets = pool.groups.get(item.group);
  if (buckets === undefined) pool.groups.set(item.group, (buckets = createLengthBuckets()));
  insertEntry(buckets, entry);
  pushEntry(pool.seeds, entry);
  pool.tokens += item.tokens;
  pool.items += 1;
}

/** The most urgent pending entry. It stays in the pool until it is settled, but is not returned again. */
export function popSeed<T>(pool: Pool<T>): Entry<T> | undefined {
  for (;;) {
    const entry = popEntry(pool.seeds);
    if (entry === undefined || entry.pending) return entry;
  }
}

/** Subtracts entries that were removed from the buckets of `group`. */
export function settleTaken<T>(pool: Pool<T>, group: string, entries: readonly Entry<T>[]): void {
  settle(pool, entries);
  if (pool.groups.get(group)?.lengths.length === 0) pool.groups.delete(group);
}

/** Removes the pending entries whose value matches. Returns them in order of arrival. */
export function removeMatching<T>(pool: Pool<T>, matches: (value: T) => boolean): Entry<T>[] {
  const removed = pool.seeds.filter((entry) => entry.pending && matches(entry.item.value));
  settle(pool, removed);
  for (const group of new Set(removed.map((entry) => entry.item.group))) {
    const buckets = pool.groups.get(group);
    if (buckets !== undefined) removeSettled(buckets);
    if (buckets?.lengths.length === 0) pool.groups.delete(group);
  }
  return removed.sort((a, b) => a.arrival - b.arrival);
}

/**
 * Marks entries as no longer pending, and rebuilds the heap of seeds when most of its entries are not pending. A
 * rebuild reads at most twice the entries that left since the last one, so its amortised cost is O(1) per row.
 */
function settle<T>(pool: Pool<T>, entries: readonly Entry<T>[]): void {
  for (const entry of entries) {
    entry.pending = false;
    pool.tokens -= entry.item.tokens;
    pool.items -= 1;
  }
  if (pool.seeds.length > 2 * pool.items) pool.seeds = pendingHeap(pool.seeds);
}
