/** What one part of a request costs: estimated tokens of work and bytes of job data in Redis. */
export interface Cost {
  tokens: number;
  bytes: number;
}

/** What a gateway has on all queues. */
export interface Totals {
  bytes: number;
  /** By queue, zeros included. */
  tokens: ReadonlyMap<string, number>;
}

/** What a gateway has on the queues, part by part: the numbers behind its admission fields in Redis. */
export interface InFlight {
  totals(): Totals;
  /**
   * The totals for Redis, which then counts nothing more that was settled. Undefined while Redis has not answered an
   * admission, which the totals could not yet hold.
   */
  takeTotals(): Totals | undefined;
  /** Redis has these totals: the queues on which nothing is in flight are forgotten. */
  totalsArrived(totals: Totals): void;
  /** An admission goes to Redis; returns what was settled on its queue and still counts there. */
  admissionSent(queue: string): Cost;
  admissionAnswered(): void;
  /** Counts an admitted request's parts until each of them is settled. */
  reserve(requestId: string, request: { queue: string; parts: readonly Cost[]; now: number }): void;
  /** The first outcome of a part frees its share; a later one changes nothing. */
  settlePart(requestId: string, part: number): void;
  /** Forgets a request whose parts did not reach the queue. */
  release(requestId: string): void;
  /** Marks a request whose caller no longer waits; its parts count until the queue is rid of them. */
  abandon(requestId: string, now: number): void;
  /** Parts still counted of requests that were reserved more than `ageMs` ago. */
  olderParts(now: number, ageMs: number): OpenPart[];
}

/** A part that no outcome has come for. */
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
    totalsArrived: ({ tokens }) => held.forgetIdle(tokens),
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

/** Tokens by queue, and bytes over all of them. */
function createSums() {
  const tokens = new Map<string, number>();
  let bytes = 0;
  return {
    totals: (): Totals => ({ bytes, tokens: new Map(tokens) }),
    add(queue: string, cost: Cost, sign: 1 | -1) {
      tokens.set(queue, (tokens.get(queue) ?? 0) + sign * cost.tokens);
      bytes += sign * cost.bytes;
    },
    /** The tokens of one queue and all bytes, which are 0 afterwards. */
    take(queue: string): Cost {
      const taken = { tokens: tokens.get(queue) ?? 0, bytes };
      tokens.delete(queue);
      bytes = 0;
      return taken;
    },
    forgetIdle(told: ReadonlyMap<string, number>) {
      for (const [queue, sum] of tokens) if (sum === 0 && told.get(queue) === 0) tokens.delete(queue);
    },
    clear() {
      tokens.clear();
      bytes = 0;
    },
  };
}
