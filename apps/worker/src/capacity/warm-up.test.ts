import { createFakeEncoder } from '@rerank-fleet/scoring/testing';
import type { BatchRows, SessionRunner } from '../rows/batch-rows';
import { ThreadCallError } from '../threads/thread-rpc';
import type { Threads } from '../threads/threads';
import { createSpeedMeter } from './speed';
import type { BudgetOrigin } from './token-budget';
import { warmUp, type WarmUpOptions } from './warm-up';

const encoder = createFakeEncoder();

interface FakeSession {
  /** Duration of a call, by its cells. */
  msOf?(cells: number): number;
  /** Larger calls do not fit into memory. */
  fittingCells?: number;
  logit?: number;
  error?: Error;
}

const longest = (batch: BatchRows): number => Math.max(...batch.rows.map(({ document }) => document.rowTokens));
const cellsOf = (batch: BatchRows): number => longest(batch) * batch.rows.length;

/** Sessions on a clock of their own that record what they ran. */
function fakeThreads(fakes: FakeSession[]) {
  const batches: BatchRows[] = [];
  let nowMs = 0;
  const sessionOf = ({ msOf = (cells) => cells / 10, fittingCells = Infinity, logit = 0, error }: FakeSession) => ({
    prepare: () => Promise.reject(new Error('no query is prepared apart')),
    async run(batch: BatchRows) {
      batches.push(batch);
      if (error) throw error;
      if (cellsOf(batch) > fittingCells) throw new ThreadCallError({ kind: 'out_of_memory', message: 'too large' });
      const durationMs = msOf(cellsOf(batch));
      nowMs += durationMs;
      return { logits: new Float64Array(batch.rows.length).fill(logit), durationMs };
    },
  });
  const sessions: SessionRunner[] = fakes.map(sessionOf);
  const threads: Threads = {
    async encode({ query, documents, ...limits }) {
      const encoded = 'ids' in query ? { ok: true as const, query } : encoder.encodeQuery(query);
      if (!encoded.ok) return { ...encoded, durationMs: 0 };
      const rows = documents.map((text) => encoder.encodeDocument(encoded.query, text, limits));
      return { ok: true, query: encoded.query, documents: rows, durationMs: 0 };
    },
    sessions,
    close: async () => undefined,
  };
  const speed = createSpeedMeter({ sessions: fakes.length, encoders: 1, now: () => 0 });
  const run = (options: Partial<WarmUpOptions> = {}) =>
    warmUp(
      threads,
      {
        tokenBudget: 256,
        fixedBudget: undefined,
        maxRows: 64,
        maxLengthTokens: 512,
        spareBytes: async () => 1e12,
        now: () => nowMs,
        ...options,
      },
      speed,
    );
  return { run, speed, batches };
}

const larger = (cells: number) => 10 + cells / 100;
const single = (cells: number) => cells ** 1.5 / 100;

describe('warming up', () => {
  it.each<[string, { options?: Partial<WarmUpOptions>; sessions: FakeSession[]; found: [number, BudgetOrigin] }]>([
    ['the budget of the bundle where all sizes are as fast', { sessions: [{}], found: [256, 'manifest'] }],
    ['a larger one', { sessions: [{ msOf: larger }], found: [16_384, 'search'] }],
    ['a smaller one', { sessions: [{ msOf: single }], found: [64, 'search'] }],
    ['what fits', { sessions: [{ msOf: larger, fittingCells: 1_500 }], found: [1_024, 'search'] }],
    ['less than the bundle says', { sessions: [{ fittingCells: 200 }], found: [128, 'memory'] }],
    ['what fits into each session', { sessions: [{}, { fittingCells: 200 }], found: [128, 'memory'] }],
    // 33.9 + 4.4 cells per ms instead of 20.4 + 6.3, although the second session alone is slower
    [
      'what is best for two together',
      { sessions: [{ msOf: larger, fittingCells: 512 }, { msOf: single }], found: [512, 'search'] },
    ],
    ['the fixed one', { options: { fixedBudget: 300 }, sessions: [{ msOf: larger }], found: [300, 'TOKEN_BUDGET'] }],
    [
      'half of a fixed one',
      { options: { fixedBudget: 300 }, sessions: [{ fittingCells: 200 }], found: [150, 'memory'] },
    ],
    [
      'that of a bundle of one row',
      { options: { maxRows: 1 }, sessions: [{ msOf: larger }], found: [256, 'manifest'] },
    ],
    ['one below a row', { options: { tokenBudget: 1 }, sessions: [{}], found: [1, 'manifest'] }],
    ['one above all rows', { options: { tokenBudget: 1e6, maxRows: 2 }, sessions: [{}], found: [1e6, 'manifest'] }],
  ])('finds %s', async (_what, { options, sessions, found: [tokens, origin] }) => {
    await expect(fakeThreads(sessions).run(options)).resolves.toMatchObject({ tokens, origin });
  });

  it.each([
    { tokenBudget: 256, maxRows: 64, maxLengthTokens: 512 },
    { tokenBudget: 4_096, maxRows: 8, maxLengthTokens: 512 },
    { tokenBudget: 4_096, maxRows: 3, maxLengthTokens: 100 },
    { tokenBudget: 512, maxRows: 1, maxLengthTokens: 8_192 },
    { tokenBudget: 1, maxRows: 64, maxLengthTokens: 32 },
  ])('runs calls that a session takes, up to its largest: %p', async (options) => {
    const { run, batches } = fakeThreads([{ msOf: larger }]);
    await run(options);
    for (const batch of batches) {
      expect(batch.rows.length).toBeLessThanOrEqual(options.maxRows);
      expect(longest(batch)).toBeLessThanOrEqual(options.maxLengthTokens);
    }
    const most = Math.max(...batches.map(cellsOf));
    const largest = options.maxRows * options.maxLengthTokens;
    if (options.maxRows > 1) expect(most).toBeGreaterThan(Math.min(options.tokenBudget, largest) / 2);
  });

  it('makes only calls of a fixed budget, and few', async () => {
    const { run, batches } = fakeThreads([{}, {}]);
    await run({ fixedBudget: 512 });
    expect(new Set(batches.map(cellsOf))).toEqual(new Set([512]));
    expect(batches.length).toBeLessThanOrEqual(8);
  });

  it('announces the speed of the fastest calls, as the mean of sessions that do not wait for each other', async () => {
    const { run, speed } = fakeThreads([{ msOf: (cells) => cells / 10 }, { msOf: (cells) => cells / 5 }]);
    await run({ fixedBudget: 512 });
    expect(speed.tokensPerSecond()).toBeCloseTo(15_000);
    expect(speed.tokensPerByte()).toBeGreaterThan(0);
    let call = 0;
    const uneven = fakeThreads([{ msOf: () => [900, 100, 50, 400][call++] ?? 100 }]);
    await uneven.run({ fixedBudget: 128 });
    expect(uneven.speed.tokensPerSecond()).toBeCloseTo(128_000 / 900);
  });

  it('knows no speed of sessions that take no time', async () => {
    const { run, speed } = fakeThreads([{ msOf: () => 0 }]);
    await expect(run()).resolves.toMatchObject({ tokens: 256, origin: 'manifest' });
    expect(speed.tokensPerSecond()).toBeUndefined();
  });

  it.each<[string, FakeSession, string]>([
    ['the model fails', { error: new Error('broken') }, 'broken'],
    ['a score is NaN', { logit: NaN }, 'not numbers'],
    ['a score is infinite', { logit: Infinity }, 'not numbers'],
    ['not even one row fits into memory', { fittingCells: 10 }, 'too large'],
  ])('fails when %s, in any session', async (_what, session, message) => {
    for (const sessions of [[session], [{}, session]]) {
      await expect(fakeThreads(sessions).run()).rejects.toThrow(message);
    }
  });
});
