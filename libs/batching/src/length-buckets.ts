import type { Entry } from './entry';
import { type Heap, pendingHeap, popEntry, pushEntry } from './heap';

/**
 * The pending entries of one group by length. There is one heap per length, so the most urgent of equal length is
 * first.
 */
export interface LengthBuckets<T> {
  /** The lengths present, in tokens, ascending and unique. */
  readonly lengths: number[];
  /** One heap per length, never empty. */
  readonly heaps: Map<number, Heap<T>>;
}

/** A group without entries. */
export function createLengthBuckets<T>(): LengthBuckets<T> {
  return { lengths: [], heaps: new Map() };
}

/** Adds one entry: O(log n). A new length also moves the lengths behind it. */
export function insertEntry<T>(buckets: LengthBuckets<T>, entry: Entry<T>): void {
  const { tokens } = entry.item;
  const heap = buckets.heaps.get(tokens);
  if (heap !== undefined) return pushEntry(heap, entry);
  buckets.heaps.set(tokens, [entry]);
  buckets.lengths.splice(firstLonger(buckets.lengths, tokens), 0, tokens);
}

/** Removes the most urgent entry of a length, and the length with its last entry. */
export function removeFirst<T>(buckets: LengthBuckets<T>, tokens: number): void {
  const heap = buckets.heaps.get(tokens);
  if (heap === undefined) return;
  popEntry(heap);
  if (heap.length > 0) return;
  buckets.heaps.delete(tokens);
  buckets.lengths.splice(firstLonger(buckets.lengths, tokens) - 1, 1);
}

/** The most urgent entries of the neighbouring lengths: the nearest up to `tokens`, and the nearest above it. */
export function neighbours<T>(buckets: LengthBuckets<T>, tokens: number): Entry<T>[] {
  const above = firstLonger(buckets.lengths, tokens);
  return [buckets.lengths[above - 1], buckets.lengths[above]].flatMap((length) => {
    const first = length === undefined ? undefined : buckets.heaps.get(length)?.[0];
    return first === undefined ? [] : [first];
  });
}

/** Removes every entry that is no longer pending. */
export function removeSettled<T>(buckets: LengthBuckets<T>): void {
  for (const [tokens, heap] of buckets.heaps) {
    const kept = pendingHeap(heap);
    if (kept.length > 0) buckets.heaps.set(tokens, kept);
    else buckets.heaps.delete(tokens);
  }
  const present = buckets.lengths.filter((length) => buckets.heaps.has(length));
  buckets.lengths.splice(0, buckets.lengths.length, ...present);
}

/** Index of the first length above `tokens` in an ascending list; the list's length if there is none. */
function firstLonger(lengths: readonly number[], tokens: number): number {
  let low = 0;
  let high = lengths.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lengths[middle] ?? Infinity) > tokens) high = middle;
    else low = middle + 1;
  }
  return low;
}
