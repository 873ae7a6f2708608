import { cancelMemoryCount } from '../redis/timing';

/** The requests that nobody waits for any more, as one worker knows them. */
export interface Cancellations {
  add(requestIds: readonly string[]): void;
  has(requestId: string): boolean;
}

/** Keeps the newest ids; what each heartbeat brings is added, some of it again. */
export function createCancellations(): Cancellations {
  const known = new Set<string>();
  return {
    add(requestIds) {
      for (const id of requestIds) {
        known.add(id);
        if (known.size > cancelMemoryCount) known.delete(known.values().next().value as string);
      }
    },
    has: (requestId) => known.has(requestId),
  };
}
