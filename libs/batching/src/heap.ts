import { type Entry, isBefore } from './entry';

/**
 * A binary heap of entries in an array, with the most urgent at index 0. Only the functions of this file may change the
 * array. Push and pop are O(log n), reading the top is O(1).
 */
export type Heap<T> = Entry<T>[];

/** Adds one entry. */
export function pushEntry<T>(heap: Heap<T>, entry: Entry<T>): void {
  let index = heap.length;
  heap.push(entry);
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex];
    if (parent === undefined || !isBefore(entry, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = entry;
}

/** Removes and returns the most urgent entry; undefined if the heap is empty. */
export function popEntry<T>(heap: Heap<T>): Entry<T> | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (last !== undefined && heap.length > 0) siftDown(heap, last, 0);
  return top;
}

/** A heap of the entries that are still pending, built in O(n). */
export function pendingHeap<T>(entries: readonly Entry<T>[]): Heap<T> {
  const heap = entries.filter((entry) => entry.pending);
  for (let index = (heap.length >> 1) - 1; index >= 0; index -= 1) {
    const entry = heap[index];
    if (entry !== undefined) siftDown(heap, entry, index);
  }
  return heap;
}

/** Places `entry` at `start` or below it, moving more urgent children up. */
function siftDown<T>(heap: Heap<T>, entry: Entry<T>, start: number): void {
  let index = start;
  for (;;) {
    const left = heap[2 * index + 1];
    if (left === undefined) break;
    const right = heap[2 * index + 2];
    const rightFirst = right !== undefined && isBefore(right, left);
    const child = rightFirst ? right : left;
    if (!isBefore(child, entry)) break;
    heap[index] = child;
    index = 2 * index + (rightFirst ? 2 : 1);
  }
  heap[index] = entry;
}
