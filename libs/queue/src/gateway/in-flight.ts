/** What one part of a request costs: estimated tokens of work and bytes of job data in Redis. */
export interface Cost {
  tokens: number;
  bytes: number;
}

/** What a gateway has in flight on all queues. */
export interface Totals {
  bytes: number;
  /** Per queue, zeros included. */
  tokens: ReadonlyMap<string, number>;
}

/** What a gateway has in flight, per part. Its admission fields in Redis are written from these numbers. */
export interface InFlight {
  totals(): Totals;
  /**
   * The totals to write to Redis; settled parts are then no longer counted there. Undefined while an admission has no
   * answer yet, because the totals cannot include it.
   */
  takeTotals(): Totals | undefined;
  /** Call when Redis has stored these totals. Queues on which nothing is in flight are dropped. */
  totalsArrived(totals: Totals): void;
  /** Call when an admission is sent. Returns what was settled on its queue and is still counted in Redis. */
  admissionSent(queue: string): Cost;
  admissionAnswered(): void;
  /** Counts the parts of an admitted request until each of them is settled. */
  reserve(requestId: string, request: { queue: string; parts: readonly Cost[]; now: number }): void;
  /** The first outcome of a part frees its share; a later one changes nothing. */
  settlePart(requestId: string, part: number): void;
  /** Drops a request whose parts did not reach the queue. */
  release(requestId: string): void;
  /** Marks a request whose caller no longer waits. Its parts count until the queue no longer has them. */
  abandon(requestId: string, now: number): void;
  /** The open parts of requests that were reserved more than `ageMs` ago. */
  olderParts(now: number, ageMs: number): OpenPart[];
}

/** A part without an outcome. */
export interface OpenPart {
  requestId: string;
  queue: string;
  part: number;
  /** When its caller stopped waiting; undefined while it waits. */
  abandonedAtMs: number | undefined;
}

interface Entry {
  queue: string;
  open: Map<number, Cost>;
  reservedAtMs: number;
  abandonedAtMs: number | undefined;
}

export function createInFlight(): InFlight {
  const entries = new Map<string, Entry>();
  const held = createSums();
  const released = createSums();
  let unansweredAdmissions = 0;
  const settlePart = (requestId: string, part: number) => {
    const entry = entries.get(requestId);
    const cost = entry?.open.get(part);
    if (!entry || !cost) return;
    entry.open.delete(part);
    held.add(entry.queue, cost, -1);
    released.add(entry.queue, cost, 1);
    if (entry.open.size === 0) entries.delete(requestId);
  };

  return {
    totals: () => held.totals(),
    takeTotals() {
      if (unansweredAdmissions > 0) return undefined;
      released.clear();
      return held.totals();
    },
    totalsArrived: ({ tokens }) => held.dropIdle(tokens),
    admissionSent(queue) {
      unansweredAdmissions++;
      return released.take(queue);
    },
    admissionAnswered() {
      unansweredAdmissions--;
    },
    reserve(requestId, { queue, parts, now }) {
      const open = new Map(parts.entries());
      entries.set(requestId, { queue, open, reservedAtMs: now, abandonedAtMs: undefined });
      for (const cost of parts) held.add(queue, cost, 1);
    },
    settlePart,
    release(requestId) {
      for (const part of [...(entries.get(requestId)?.open.keys() ?? [])]) settlePart(requestId, part);
    },
    abandon(requestId, now) {
      const entry = entries.get(requestId);
      if (entry) entry.abandonedAtMs ??= now;
    },
    olderParts: (now, ageMs) =>
      [...entries].flatMap(([requestId, entry]) => (now - entry.reservedAtMs > ageMs ? partsOf(requestId, entry) : [])),
  };
}

function partsOf(requestId: string, { queue, open, abandonedAtMs }: Entry): OpenPart[] {
  return [...open.keys()].map((part) => ({ requestId, queue, part, abandonedAtMs }));
}

/** Tokens per queue, and bytes over all queues. */
function createSums() {
  const tokens = new Map<string, number>();
  let bytes = 0;
  return {
    totals: (): Totals => ({ bytes, tokens: new Map(tokens) }),
    add(queue: string, cost: Cost, sign: 1 | -1) {
      tokens.set(queue, (tokens.get(queue) ?? 0) + sign * cost.tokens);
      bytes += sign * cost.bytes;
    },
    /** Returns the tokens of one queue and all bytes, and sets both to 0. */
    take(queue: string): Cost {
      const taken = { tokens: tokens.get(queue) ?? 0, bytes };
      tokens.delete(queue);
      bytes = 0;
      return taken;
    },
    dropIdle(stored: ReadonlyMap<string, number>) {
      for (const [queue, sum] of tokens) if (sum === 0 && stored.get(queue) === 0) tokens.delete(queue);
    },
    clear() {
      tokens.clear();
      bytes = 0;
    },
  };
}
