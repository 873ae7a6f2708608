import type { BatchItem } from './batch';

/** One pending item with its position in the order. */
export interface Entry<T> {
  readonly item: BatchItem<T>;
  /** Enqueue time plus the priority's delay, ms. The smallest is served first. */
  readonly urgencyMs: number;
  /** Sequence number of the item. It breaks ties, so the order is total. */
  readonly arrival: number;
  /** False once it was taken or dropped. The heap of seeds removes such entries lazily. */
  pending: boolean;
}

/** Whether `a` is served before `b`: more urgent, or equally urgent and added earlier. */
export function isBefore<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.urgencyMs !== b.urgencyMs ? a.urgencyMs < b.urgencyMs : a.arrival < b.arrival;
}
