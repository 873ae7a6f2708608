import type { BatchItem } from './batch';

/** One pending item with what orders it. */
export interface Entry<T> {
  readonly item: BatchItem<T>;
  /** Enqueue time plus the priority's handicap, ms: the smaller, the sooner it is served. */
  readonly urgencyMs: number;
  /** Counts up with every item added: the tie-break, so the order is total. */
  readonly arrival: number;
  /** False once it was taken or dropped; the heap of seeds forgets such entries lazily. */
  pending: boolean;
}

/** Whether `a` is served before `b`: more urgent, or as urgent and added earlier. */
export function isBefore<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.urgencyMs !== b.urgencyMs ? a.urgencyMs < b.urgencyMs : a.arrival < b.arrival;
}
