/** Requests that nobody waits for any more, until Redis knows of them. */
export interface CancelledRequests {
  add(requestId: string): void;
  /** Tells Redis of all that it does not know; what it does not take goes out with the next call. */
  send(): void;
}

/** @param note tells Redis of requests; rejects when it did not take them */
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
