import {
  type Batch,
  type BatchItem,
  type BatchLimits,
  type BatchSize,
  brokenLimit,
  type CloseReason,
  paddedTokens,
  withRow,
} from './batch';
import { type Entry, isBefore } from './entry';
import { type LengthBuckets, neighbours, removeFirst } from './length-buckets';
import { createPool, insertItem, type Pool, popSeed, removeMatching, settleTaken } from './pool';

/** The limits of one batch, how priority ages, and the clock. */
export interface BatcherOptions {
  /**
   * Maximum of padded cells (longest row x rows) per batch, until it is set anew. A single longer row forms a batch
   * alone.
   */
  tokenBudget: number;
  maxRows: number;
  /** Maximum share of padding in the padded cells, in [0, 1). Default: {@link defaultMaxPaddingRatio}. */
  maxPaddingRatio?: number;
  /** How much later a row counts as enqueued per step of priority. Default: {@link defaultAgeingMsPerPriority}. */
  ageingMsPerPriority?: number;
  /** Milliseconds, on the clock of `enqueuedAtMs`. */
  now: () => number;
}

/** A pool of pending rows that returns batches on demand. It has no timer: an idle session takes what is pending. */
export interface Batcher<T> {
  /** Adds all rows, or throws a RangeError and adds none if a number in one is invalid. */
  add(items: readonly BatchItem<T>[]): void;
  /** The next batch; undefined if no row is pending. */
  take(): Batch<T> | undefined;
  /** Removes each pending row whose value matches. Returns these values in order of arrival. */
  drop(matches: (value: T) => boolean): T[];
  /** Sets the token budget of the batches to come, or throws a RangeError and keeps the present one. */
  setTokenBudget(tokens: number): void;
  /** Sum of the pending rows' own tokens. */
  readonly pendingTokens: number;
  readonly pendingItems: number;
}

/**
 * For devices with a small fixed cost per call, such as a CPU. A device with a fixed cost of thousands of cells, such
 * as a large GPU, needs 0.4: docs/adr/0004 has the simulation.
 */
export const defaultMaxPaddingRatio = 0.1;

/** The least urgent of 1,000 priorities (999) is overtaken by rows that arrive up to 100 s later. */
export const defaultAgeingMsPerPriority = 100;

/**
 * Creates an empty pool. With n pending rows and d distinct lengths in a group, adding or taking a row costs
 * O(log n + log d), and O(d) more (one memory move) when a length appears or disappears. Dropping costs O(n).
 * Throws a RangeError if an option is invalid.
 */
export function createBatcher<T>(options: BatcherOptions): Batcher<T> {
  const { tokenBudget, maxRows, now } = options;
  const maxPaddingRatio = options.maxPaddingRatio ?? defaultMaxPaddingRatio;
  const ageingMs = options.ageingMsPerPriority ?? defaultAgeingMsPerPriority;
  requireThat(isCount(maxRows), 'maxRows must be a positive integer');
  requireThat(maxPaddingRatio >= 0 && maxPaddingRatio < 1, 'maxPaddingRatio must be in [0, 1)');
  requireThat(Number.isFinite(ageingMs) && ageingMs >= 0, 'ageingMsPerPriority must be finite and not negative');

  const limits: BatchLimits = { tokenBudget, maxRows, maxPaddingRatio };
  const setTokenBudget = (tokens: number) => {
    requireThat(isCount(tokens), 'tokenBudget must be a positive integer');
    limits.tokenBudget = tokens;
  };
  setTokenBudget(tokenBudget);
  const pool = createPool<T>();
  return {
    add(items) {
      items.forEach(requireOrderable);
      for (const item of items) insertItem(pool, item, item.enqueuedAtMs + item.priority * ageingMs);
    },
    take: () => takeBatch(pool, limits, now),
    drop: (matches) => removeMatching(pool, matches).map((entry) => entry.item.value),
    setTokenBudget,
    get pendingTokens() {
      return pool.tokens;
    },
    get pendingItems() {
      return pool.items;
    },
  };
}

function takeBatch<T>(pool: Pool<T>, limits: BatchLimits, now: () => number): Batch<T> | undefined {
  const seed = popSeed(pool);
  const buckets = seed && pool.groups.get(seed.item.group);
  if (seed === undefined || buckets === undefined) return undefined;
  const { entries, size, closedBy } = fill(buckets, seed, limits);
  settleTaken(pool, seed.item.group, entries);
  const items = entries.map((entry) => entry.item);
  const oldestAtMs = items.reduce((oldest, item) => Math.min(oldest, item.enqueuedAtMs), Infinity);
  return {
    items,
    longestTokens: size.longestTokens,
    tokens: size.tokens,
    paddedTokens: paddedTokens(size),
    oldestWaitMs: Math.max(0, now() - oldestAtMs),
    closedBy,
  };
}

interface Filled<T> {
  entries: Entry<T>[];
  size: BatchSize;
  closedBy: CloseReason;
}

/**
 * Removes the seed from the buckets, then rows of its group by distance from the seed's length, until none fits. It
 * checks only the nearest row on each side, because a farther row on the same side always adds more padding.
 */
function fill<T>(buckets: LengthBuckets<T>, seed: Entry<T>, limits: BatchLimits): Filled<T> {
  const seedTokens = seed.item.tokens;
  const entries = [seed];
  let size: BatchSize = { rows: 1, longestTokens: seedTokens, tokens: seedTokens };
  removeFirst(buckets, seedTokens);
  for (;;) {
    const nearest = neighbours(buckets, seedTokens).sort(byDistanceFrom(seedTokens));
    const obstacles = nearest.map((entry) => brokenLimit(withRow(size, entry.item.tokens), limits));
    const next = nearest[obstacles.indexOf(undefined)];
    if (next === undefined) return { entries, size, closedBy: obstacles[0] ?? 'drained' };
    entries.push(next);
    size = withRow(size, next.item.tokens);
    removeFirst(buckets, next.item.tokens);
  }
}

/** Nearest length first; at equal distance, the more urgent row. */
function byDistanceFrom<T>(tokens: number) {
  return (a: Entry<T>, b: Entry<T>) =>
    Math.abs(a.item.tokens - tokens) - Math.abs(b.item.tokens - tokens) || (isBefore(a, b) ? -1 : 1);
}

function requireOrderable<T>(item: BatchItem<T>): void {
  requireThat(isCount(item.tokens), 'tokens must be a positive integer');
  requireThat(Number.isFinite(item.priority) && item.priority >= 0, 'priority must be finite and not negative');
  requireThat(Number.isFinite(item.enqueuedAtMs), 'enqueuedAtMs must be finite');
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

function requireThat(holds: boolean, message: string): void {
  if (!holds) throw new RangeError(message);
}
