/** One call per session, all at the same time. */
export interface TimedCall {
  /** Cells of the call: longest row x rows. */
  cells: number;
  durationMs: number;
}

/** How a worker came to its token budget. `memory`: a call of the bundle's budget does not fit. */
export type BudgetOrigin = 'manifest' | 'search' | 'memory' | 'TOKEN_BUDGET';

export interface FoundBudget {
  tokens: number;
  origin: BudgetOrigin;
  /** Of the fastest call of this size. */
  msPerCell: number;
}

export interface BudgetSearch {
  /** The bundle's budget. It is kept unless another one is clearly better. */
  start: number;
  /** No size below is tried, except `start` and what fits into memory. */
  smallest: number;
  /** No size above is tried, except `start`. */
  largest: number;
  /** Duration of the whole search, except for the first call and one of `start`. */
  limitMs: number;
  /** No size above `start` is tried if its call would take longer: urgent rows wait for running calls. */
  callLimitMs: number;
  /** Runs calls of this many tokens. Rejects if even calls of one row do not fit into memory. */
  time(tokens: number): Promise<TimedCall | 'out_of_memory'>;
  /** Memory that calls may still take. Undefined if unknown: then no size above `start` is tried. */
  spareBytes(): Promise<number | undefined>;
  /** Current time, ms. */
  now(): number;
}

interface Pace {
  msPerCell: number;
}

/** A size that fits into memory, with the pace of its fastest call. */
interface Timed extends Pace {
  tokens: number;
}

/** Sizes are doubled, and a size is timed by the fastest of some calls. Long calls vary less, so fewer are needed. */
const callsPerSize = 3;
const enoughMsPerSize = 300;
/** Differences below this share are noise, or not worth leaving the bundle's budget. */
const clearGain = 0.03;
/** The better size must win each of these pairs of calls. */
const pairsMax = 3;
const enoughMsOfPairs = 1_000;

/**
 * Times calls of rising size and returns the size of the highest throughput. The start is kept unless another size is
 * clearly faster, again and again. Rising ends where calls become slower, take too long or might not fit into memory.
 */
export async function findTokenBudget(search: BudgetSearch): Promise<FoundBudget> {
  const endMs = search.now() + search.limitMs;
  const timed = await timeRisingSizes(search, endMs);
  const start = timed.find(({ tokens }) => tokens === search.start);
  const fastest = nearestOfFastest(timed, search.start);
  if (start === undefined) return { ...fastest, origin: 'memory' };
  const isBetter = isClearlyFaster(fastest, start) && (await winsAgain(search, { fastest, start, endMs }));
  return isBetter ? { ...fastest, origin: 'search' } : { ...start, origin: 'manifest' };
}

/** The sizes that fit into memory, ascending. They include the start, if it does. */
async function timeRisingSizes(search: BudgetSearch, endMs: number): Promise<[Timed, ...Timed[]]> {
  const memory = await createMemoryGuard(search);
  const timed: Timed[] = [];
  for (const tokens of sizesOf(search)) {
    const best = bestOf(timed);
    if (best !== undefined && !isWorthTrying(search, { tokens, timed, best, endMs })) {
      if (tokens > search.start) break;
      // the calls of the start are made in any case, so that memory that does not suffice shows now
      if (tokens < search.start) continue;
    }
    if (tokens > search.start && !memory.hasRoomForTwice()) break;
    const result = await timeSize(search, tokens, endMs);
    if (result === 'out_of_memory') break;
    timed.push(result);
    await memory.measure();
  }
  const [first, ...rest] = timed;
  return first === undefined ? [await timeFittingSize(search, endMs)] : [first, ...rest];
}

/** The start, up to two halvings of it and all doublings, ascending. */
function sizesOf({ start, smallest, largest }: BudgetSearch): number[] {
  const sizes = [Math.floor(start / 4), Math.floor(start / 2)].filter((tokens) => tokens >= smallest);
  sizes.push(start);
  for (let tokens = 2 * start; tokens <= largest; tokens *= 2) sizes.push(tokens);
  return sizes;
}

interface Prospect {
  tokens: number;
  timed: readonly Timed[];
  best: Timed;
  endMs: number;
}

function isWorthTrying({ start, callLimitMs, now }: BudgetSearch, { tokens, timed, best, endMs }: Prospect): boolean {
  const expectedMs = tokens * best.msPerCell;
  if (now() + expectedMs > endMs) return false;
  if (tokens <= start) return true;
  const last = timed.at(-1);
  const before = bestOf(timed.slice(0, -1));
  if (last === undefined || expectedMs > callLimitMs) return false;
  // above the start, each size must have brought something
  return last.tokens > start && before ? isClearlyFaster(last, before) : !isClearlyFaster(best, last);
}

/** Halves the smallest size until its calls fit. */
async function timeFittingSize(search: BudgetSearch, endMs: number): Promise<Timed> {
  for (let tokens = sizesOf(search)[0] ?? search.start; ;) {
    tokens = Math.max(1, Math.floor(tokens / 2));
    const result = await timeSize(search, tokens, endMs);
    if (result !== 'out_of_memory') return result;
    if (tokens === 1) throw new Error('a call of one row was reported to be too large');
  }
}

async function timeSize(search: BudgetSearch, tokens: number, endMs: number): Promise<Timed | 'out_of_memory'> {
  let msPerCell = Infinity;
  const beganMs = search.now();
  for (let call = 0; call < callsPerSize; call++) {
    const nowMs = search.now();
    if (call > 0 && (nowMs - beganMs >= enoughMsPerSize || nowMs >= endMs)) break;
    const result = await search.time(tokens);
    if (result === 'out_of_memory') return result;
    msPerCell = Math.min(msPerCell, result.durationMs / result.cells);
  }
  return { tokens, msPerCell };
}

/** Repeats the comparison call by call, so that a machine that was slow for a while does not decide. */
async function winsAgain(
  search: BudgetSearch,
  { fastest, start, endMs }: { fastest: Timed; start: Timed; endMs: number },
): Promise<boolean> {
  const beganMs = search.now();
  const pairMs = fastest.tokens * fastest.msPerCell + start.tokens * start.msPerCell;
  for (let pair = 0; pair < pairsMax; pair++) {
    if (pair > 0 && search.now() - beganMs >= enoughMsOfPairs) break;
    if (search.now() + pairMs > endMs) return false;
    const [slower, faster] = [await search.time(start.tokens), await search.time(fastest.tokens)];
    if (slower === 'out_of_memory' || faster === 'out_of_memory') return false;
    if (!isClearlyFaster(msPerCellOf(faster), msPerCellOf(slower))) return false;
  }
  return true;
}

/** Foresees the memory of a doubled size: at most twice what the largest step took so far. */
async function createMemoryGuard({ spareBytes }: BudgetSearch) {
  let last = await spareBytes();
  let largestStepBytes = 0;
  return {
    async measure() {
      const spare = await spareBytes();
      if (spare !== undefined && last !== undefined) largestStepBytes = Math.max(largestStepBytes, last - spare);
      last = spare;
    },
    hasRoomForTwice: () => last !== undefined && last > 0 && last >= 2 * largestStepBytes,
  };
}

function bestOf(timed: readonly Timed[]): Timed | undefined {
  return timed.reduce<Timed | undefined>(
    (best, one) => (best && best.msPerCell <= one.msPerCell ? best : one),
    undefined,
  );
}

/** Of the sizes that are about as fast as the fastest, the one nearest to the start. */
function nearestOfFastest(timed: readonly [Timed, ...Timed[]], start: number): Timed {
  const best = bestOf(timed) ?? timed[0];
  const distance = ({ tokens }: Timed) => Math.abs(Math.log2(tokens / start));
  return timed
    .filter((one) => !isClearlyFaster(best, one))
    .reduce((nearest, one) => (distance(one) < distance(nearest) ? one : nearest), best);
}

function msPerCellOf({ cells, durationMs }: TimedCall): Pace {
  return { msPerCell: durationMs / cells };
}

function isClearlyFaster(one: Pace, other: Pace): boolean {
  return one.msPerCell < other.msPerCell * (1 - clearGain);
}
