/** Cancelled requests that Redis has not recorded yet. */
export interface CancelledRequests {
  add(requestId: string): void;
  /** Sends all unsent ids to Redis. Ids that Redis did not accept go out with the next call. */
  send(): void;
}

/** @param note records the requests in Redis; rejects when Redis did not accept them */
export function createCancelledRequests(note: (requestIds: readonly string[]) => Promise<void>): CancelledRequests {
  const unsent = new Set<string>();
  return {
    add: (requestId) => unsent.add(requestId),
    send() {
      const ids = [...unsent];
      if (ids.length === 0) return;
      unsent.clear();
      note(ids).catch(() => ids.forEach((id) => unsent.add(id)));
    },
  };
}
