import { cancelRetentionCount } from '../redis/timing';

/** The cancelled requests that one worker knows. */
export interface Cancellations {
  add(requestIds: readonly string[]): void;
  has(requestId: string): boolean;
}

/** Keeps the newest ids. Each heartbeat adds ids, some of them again. */
export function createCancellations(): Cancellations {
  const known = new Set<string>();
  return {
    add(requestIds) {
      for (const id of requestIds) {
        known.add(id);
        if (known.size > cancelRetentionCount) known.delete(known.values().next().value as string);
      }
    },
    has: (requestId) => known.has(requestId),
  };
}
