import fc from 'fast-check';
import { findTokenBudget, type BudgetSearch } from './token-budget';

interface Machine {
  start: number;
  /** True cost of a token in a call of this size. */
  msPerToken(tokens: number): number;
  /** A factor on the duration of the call that begins at this time. */
  disturbance?(nowMs: number): number;
  /** Larger calls do not fit into memory. */
  fittingTokens?: number;
  search?: Partial<BudgetSearch>;
}

/** Searches on a fake machine with a clock of its own, and records the sizes of the calls. */
async function searchOn({ start, msPerToken, disturbance = () => 1, fittingTokens = Infinity, search }: Machine) {
  let nowMs = 0;
  const calls: number[] = [];
  const refused: number[] = [];
  const found = await findTokenBudget({
    start,
    smallest: 1,
    largest: 64 * start,
    limitMs: 1e9,
    callLimitMs: 1e9,
    async time(tokens) {
      calls.push(tokens);
      if (tokens > fittingTokens) {
        refused.push(tokens);
        return 'out_of_memory';
      }
      const durationMs = tokens * msPerToken(tokens) * disturbance(nowMs);
      nowMs += durationMs;
      return { cells: tokens, durationMs };
    },
    spareBytes: async () => 1e12,
    now: () => nowMs,
    ...search,
  });
  return { found, calls, refused, elapsedMs: nowMs };
}

const starts = fc.constantFrom(64, 256, 512, 8_192);
/** Sizes are up to two halvings below the start, or doublings above it. */
const steps = fc.integer({ min: -2, max: 6 });

describe('the search for a token budget', () => {
  it('finds the size at which the throughput is highest, below or above the start', async () => {
    const slope = fc.double({ min: 0.05, max: 2, noNaN: true });
    await fc.assert(
      fc.asyncProperty(starts, steps, slope, async (start, step, loss) => {
        const peak = start * 2 ** step;
        const msPerToken = (tokens: number) => 0.01 * (1 + loss) ** Math.abs(Math.log2(tokens / peak));
        const { found } = await searchOn({ start, msPerToken });
        expect(found).toMatchObject({ tokens: peak, origin: step === 0 ? 'manifest' : 'search' });
        expect(found.msPerCell).toBeCloseTo(0.01);
      }),
    );
  });

  it('keeps the start where no other size is faster by more than noise', async () => {
    const noise = fc.infiniteStream(fc.double({ min: 1, max: 1.02, noNaN: true }));
    await fc.assert(
      fc.asyncProperty(starts, noise, async (start, factors) => {
        const disturbance = () => factors.next().value;
        const { found } = await searchOn({ start, msPerToken: () => 0.01, disturbance });
        expect(found).toMatchObject({ tokens: start, origin: 'manifest' });
      }),
    );
  });

  it('is not fooled by a machine that is slow for a while', async () => {
    const time = fc.double({ min: 0, max: 40, noNaN: true });
    await fc.assert(
      fc.asyncProperty(time, time, fc.double({ min: 1, max: 10, noNaN: true }), async (fromMs, forMs, factor) => {
        const { found } = await searchOn({
          start: 256,
          msPerToken: (tokens) => (tokens === 256 ? 0.01 : 0.011),
          disturbance: (nowMs) => (nowMs >= fromMs && nowMs < fromMs + forMs ? factor : 1),
        });
        expect(found).toMatchObject({ tokens: 256, origin: 'manifest' });
      }),
    );
  });

  it('stops rising where the throughput falls', async () => {
    const { calls } = await searchOn({ start: 256, msPerToken: (tokens) => (tokens <= 256 ? 0.01 : 0.02) });
    expect(Math.max(...calls)).toBe(512);
  });

  it('returns a size that fits into memory, whatever fits, and meets the limit once on the way up', async () => {
    await fc.assert(
      fc.asyncProperty(starts, fc.integer({ min: 1, max: 1e6 }), async (start, fittingTokens) => {
        const msPerToken = (tokens: number) => 1 / tokens;
        const { found, refused } = await searchOn({ start, msPerToken, fittingTokens });
        expect(found.tokens).toBeLessThanOrEqual(fittingTokens);
        // the largest size of the ladder that fits, because larger is faster
        expect(2 * found.tokens + 1).toBeGreaterThan(Math.min(fittingTokens, 32 * start));
        if (fittingTokens >= start) expect(refused.length).toBeLessThanOrEqual(1);
        expect(found.origin).toBe(found.tokens < start ? 'memory' : found.tokens === start ? 'manifest' : 'search');
      }),
    );
  });

  it.each([
    ['unknown', undefined],
    ['used up', 0],
    ['less than the reserve', -1],
  ])('does not go above the start while the spare memory is %s', async (_what, spare) => {
    const search = { spareBytes: async () => spare };
    const { found, calls } = await searchOn({ start: 512, msPerToken: (tokens) => 1 / tokens, search });
    expect(found).toMatchObject({ tokens: 512, origin: 'manifest' });
    expect(Math.max(...calls)).toBe(512);
  });

  it('never makes a call above the start for which the memory may not suffice', async () => {
    await fc.assert(
      fc.asyncProperty(starts, fc.integer({ min: 1, max: 100_000 }), async (start, fittingTokens) => {
        let largest = 0;
        const { refused } = await searchOn({
          start,
          fittingTokens,
          msPerToken(tokens) {
            largest = Math.max(largest, tokens);
            return 1 / tokens;
          },
          // memory that was taken once is kept
          search: { spareBytes: async () => 1_000 * (fittingTokens - largest) },
        });
        expect(refused.filter((tokens) => tokens > start)).toEqual([]);
      }),
    );
  });

  it('ends in time, however slow the model is, and runs the start at least once', async () => {
    const pace = fc.double({ min: 1e-4, max: 100, noNaN: true });
    await fc.assert(
      fc.asyncProperty(starts, pace, async (start, msPerToken) => {
        const search = { limitMs: 6_000, callLimitMs: 500 };
        const { calls, elapsedMs } = await searchOn({ start, msPerToken: () => msPerToken, search });
        const startMs = start * msPerToken;
        // the first call, whose duration nobody knows, and the start are made in any case
        expect(elapsedMs).toBeLessThanOrEqual(6_000 + startMs / 4 + startMs);
        expect(calls).toContain(start);
        for (const tokens of calls) if (tokens > start) expect(tokens * msPerToken).toBeLessThanOrEqual(500);
      }),
    );
  });

  it('leaves the start of a slow model only after a comparison', async () => {
    const msPerToken = (tokens: number) => (tokens > 256 ? 4.5 : 4);
    const limits = { callLimitMs: 500, limitMs: 8_000 };
    const enough = await searchOn({ start: 512, msPerToken, search: limits });
    expect(enough.found).toMatchObject({ tokens: 256, origin: 'search' });
    const short = await searchOn({ start: 512, msPerToken, search: { ...limits, limitMs: 6_000 } });
    expect(short.found).toMatchObject({ tokens: 512, origin: 'manifest' });
  });

  it('has no choice between equal bounds', async () => {
    const search = { smallest: 300, largest: 300 };
    const { found, calls } = await searchOn({ start: 300, msPerToken: (tokens) => 1 / tokens, search });
    expect(found).toMatchObject({ tokens: 300, origin: 'manifest' });
    expect(new Set(calls)).toEqual(new Set([300]));
  });

  it('rejects when a call does', async () => {
    const time = () => Promise.reject(new Error('broken'));
    await expect(searchOn({ start: 256, msPerToken: () => 1, search: { time } })).rejects.toThrow('broken');
  });
});
