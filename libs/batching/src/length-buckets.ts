import type { Entry } from './entry';
import { type Heap, pendingHeap, popEntry, pushEntry } from './heap';

/** The pending entries of one group by length: one heap a length, so that the most urgent of equals leaves first. */
export interface LengthBuckets<T> {
  /** The lengths present, in tokens: ascending, each once. */
  readonly lengths: number[];
  /** One heap for each of `lengths`, never empty. */
  readonly heaps: Map<number, Heap<T>>;
}

/** A group without entries. */
export function createLengthBuckets<T>(): LengthBuckets<T> {
  return { lengths: [], heaps: new Map() };
}

/** Adds one entry: O(log n), and a move of the lengths behind it when its length is new. */
export function insertEntry<T>(buckets: LengthBuckets<T>, entry: Entry<T>): void {
  const { tokens } = entry.item;
  const heap = buckets.heaps.get(tokens);
  if (heap !== undefined) return pushEntry(heap, entry);
  buckets.heaps.set(tokens, [entry]);
  buckets.lengths.splice(firstLonger(buckets.lengths, tokens), 0, tokens);
}

/** Removes the most urgent entry of `tokens` length; the length goes with its last entry. */
export function removeFirst<T>(buckets: LengthBuckets<T>, tokens: number): void {
  const heap = buckets.heaps.get(tokens);
  if (heap === undefined) return;
  popEntry(heap);
  if (heap.length > 0) return;
  buckets.heaps.delete(tokens);
  buckets.lengths.splice(firstLonger(buckets.lengths, tokens) - 1, 1);
}

/** What lies next to a length: the most urgent entry of the nearest length up to it, and of the nearest above it. */
export function neighbours<T>(buckets: LengthBuckets<T>, tokens: number): Entry<T>[] {
  const above = firstLonger(buckets.lengths, tokens);
  return [buckets.lengths[above - 1], buckets.lengths[above]].flatMap((length) => {
    const first = length === undefined ? undefined : buckets.heaps.get(length)?.[0];
    return first === undefined ? [] : [first];
  });
}

/** Forgets every entry that is no longer pending. */
export function removeSettled<T>(buckets: LengthBuckets<T>): void {
  for (const [tokens, heap] of buckets.heaps) {
    const kept = pendingHeap(heap);
    if (kept.length > 0) buckets.heaps.set(tokens, kept);
    else buckets.heaps.delete(tokens);
  }
  const present = buckets.lengths.filter((length) => buckets.heaps.has(length));
  buckets.lengths.splice(0, buckets.lengths.length, ...present);
}

/** Index of the first length above `tokens` in an ascending list; its size when there is none. */
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
