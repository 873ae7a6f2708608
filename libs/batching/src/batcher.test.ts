import { type Batch, type BatcherOptions, type BatchItem, createBatcher } from './index';

let nowMs = 0;
beforeEach(() => {
  nowMs = 0;
});

function batcher(options: Partial<BatcherOptions> = {}) {
  return createBatcher<string>({ tokenBudget: 100, maxRows: 8, maxPaddingRatio: 0.5, now: () => nowMs, ...options });
}

/** A row whose value is its name; by default of group `g`, most urgent and enqueued now. */
function row(value: string, tokens: number, more: Partial<BatchItem<string>> = {}): BatchItem<string> {
  return { value, tokens, group: 'g', priority: 0, enqueuedAtMs: nowMs, ...more };
}

const values = (batch: Batch<string> | undefined) => batch?.items.map((item) => item.value);

test('takes nothing from an empty pool, at once', () => {
  expect(batcher().take()).toBeUndefined();
});

test('gives a single row at once, without waiting for more', () => {
  const pool = batcher();
  pool.add([row('only', 7)]);
  expect(pool.take()).toEqual({
    items: [row('only', 7)],
    longestTokens: 7,
    tokens: 7,
    paddedTokens: 7,
    oldestWaitMs: 0,
    closedBy: 'drained',
  });
  expect(pool.take()).toBeUndefined();
});

test('seeds a batch with the row that was enqueued first, whatever the order of adding', () => {
  const pool = batcher({ maxRows: 1 });
  pool.add([row('late', 5, { enqueuedAtMs: 20 }), row('early', 5, { enqueuedAtMs: 10 })]);
  expect([values(pool.take()), values(pool.take())]).toEqual([['early'], ['late']]);
});

test('breaks ties of urgency by arrival', () => {
  const pool = batcher({ maxRows: 1 });
  pool.add([row('first', 9), row('second', 3)]);
  pool.add([row('third', 5)]);
  expect([values(pool.take()), values(pool.take()), values(pool.take())]).toEqual([['first'], ['second'], ['third']]);
});

test('seeds with the more urgent priority of rows enqueued together', () => {
  const pool = batcher({ maxRows: 1 });
  pool.add([row('low', 5, { priority: 3 }), row('high', 5)]);
  expect(values(pool.take())).toEqual(['high']);
});

test('lets urgent rows overtake a low priority for its handicap of time and no longer', () => {
  const pool = batcher({ ageingMsPerPriority: 100 });
  pool.add([row('low', 5, { group: 'low', priority: 5 })]);
  const overtakers: string[] = [];
  for (nowMs = 10; pool.pendingItems > 0; nowMs += 10) {
    pool.add([row(`urgent ${nowMs}`, 5)]);
    const taken = values(pool.take()) ?? [];
    if (taken.includes('low')) break;
    overtakers.push(...taken);
  }
  expect(nowMs).toBe(500);
  expect(overtakers).toHaveLength(49);
});

test('ages a step of priority by 100 ms by default', () => {
  const pool = batcher({ maxRows: 1 });
  pool.add([row('101 ms later', 5, { enqueuedAtMs: 101 }), row('low', 5, { priority: 1 })]);
  pool.add([row('99 ms later', 5, { enqueuedAtMs: 99 })]);
  expect([values(pool.take()), values(pool.take())]).toEqual([['99 ms later'], ['low']]);
});

test('joins rows of nearest length, shorter and longer, nearest first', () => {
  const pool = batcher({ tokenBudget: 1000, maxRows: 4 });
  pool.add([row('seed', 50), row('30', 30), row('45', 45), row('52', 52), row('90', 90), row('44', 44)]);
  expect(values(pool.take())).toEqual(['seed', '52', '45', '44']);
});

test('prefers the older of rows that are equally near', () => {
  const pool = batcher({ maxRows: 2, tokenBudget: 1000 });
  pool.add([row('seed', 50, { enqueuedAtMs: -9 }), row('above', 60, { enqueuedAtMs: -2 })]);
  pool.add([row('below', 40, { enqueuedAtMs: -3 }), row('below too', 40, { enqueuedAtMs: -4 })]);
  expect(values(pool.take())).toEqual(['seed', 'below too']);
  pool.add([row('seed again', 50, { enqueuedAtMs: -8 }), row('above too', 60, { enqueuedAtMs: -7 })]);
  expect(values(pool.take())).toEqual(['seed again', 'above too']);
});

test('fills the budget of longest x rows exactly and never passes it', () => {
  const pool = batcher({ tokenBudget: 30 });
  pool.add([row('a', 10), row('b', 10), row('c', 10), row('d', 10)]);
  const batch = pool.take();
  expect(values(batch)).toEqual(['a', 'b', 'c']);
  expect(batch).toMatchObject({ longestTokens: 10, tokens: 30, paddedTokens: 30, closedBy: 'budget' });
});

test('counts what a longer row costs every row already there', () => {
  const pool = batcher({ tokenBudget: 32 });
  pool.add([row('a', 10), row('b', 10), row('c', 11)]);
  const batch = pool.take();
  expect(values(batch)).toEqual(['a', 'b']);
  expect(batch).toMatchObject({ paddedTokens: 20, closedBy: 'budget' });
});

test('goes on with shorter rows when the nearest longer one does not fit', () => {
  const pool = batcher({ tokenBudget: 30 });
  pool.add([row('seed', 10), row('too long', 16), row('short', 6), row('shorter', 5)]);
  const batch = pool.take();
  expect(values(batch)).toEqual(['seed', 'short', 'shorter']);
  expect(batch?.closedBy).toBe('budget');
});

test.each([
  ['padding', [row('short', 15), row('long', 31)]],
  ['budget', [row('short', 5), row('long', 31)]],
])('names the rule that kept out the nearest row: %s', (reason, others) => {
  const pool = batcher({ tokenBudget: 60, maxPaddingRatio: 0.1 });
  pool.add([row('seed', 20), ...others]);
  expect(pool.take()).toMatchObject({ items: { length: 1 }, closedBy: reason });
});

test('sends a row above the budget alone', () => {
  const pool = batcher({ tokenBudget: 30 });
  pool.add([row('huge', 31), row('small', 1), row('huge too', 31)]);
  const batch = pool.take();
  expect(values(batch)).toEqual(['huge']);
  expect(batch).toMatchObject({ paddedTokens: 31, closedBy: 'budget' });
});

test('takes no more rows than the limit', () => {
  const pool = batcher({ maxRows: 2 });
  pool.add([row('a', 1), row('b', 1), row('c', 1)]);
  expect(pool.take()).toMatchObject({ items: { length: 2 }, closedBy: 'rows' });
});

test('keeps the share of padding within the limit and reaches it', () => {
  const pool = batcher({ maxPaddingRatio: 0.25 });
  pool.add([row('seed', 20), row('half', 10), row('less', 9)]);
  const batch = pool.take();
  expect(values(batch)).toEqual(['seed', 'half']);
  expect(batch).toMatchObject({ tokens: 30, paddedTokens: 40, closedBy: 'padding' });
});

test('allows a tenth of padding by default', () => {
  const pool = createBatcher<string>({ tokenBudget: 1000, maxRows: 8, now: () => nowMs });
  pool.add([row('seed', 100), row('80', 80), row('79', 79)]);
  expect(values(pool.take())).toEqual(['seed', '80']);
});

test('allows no padding at a ratio of 0', () => {
  const pool = batcher({ maxPaddingRatio: 0 });
  pool.add([row('a', 10), row('b', 9), row('c', 10)]);
  expect(values(pool.take())).toEqual(['a', 'c']);
});

test('never mixes groups, and says drained when only other groups have rows', () => {
  const pool = batcher();
  pool.add([row('a', 5, { group: 'x' }), row('b', 5, { group: 'y' }), row('c', 5, { group: 'x' })]);
  const batch = pool.take();
  expect(values(batch)).toEqual(['a', 'c']);
  expect(batch?.closedBy).toBe('drained');
});

test('reports the wait of the row that waited longest, which need not be the seed', () => {
  const pool = batcher();
  pool.add([row('low', 5, { priority: 9, enqueuedAtMs: 100 }), row('seed', 5, { enqueuedAtMs: 300 })]);
  nowMs = 450;
  const batch = pool.take();
  expect(values(batch)).toEqual(['seed', 'low']);
  expect(batch?.oldestWaitMs).toBe(350);
});

test('reports no negative wait when the clock was set back', () => {
  const pool = batcher();
  pool.add([row('a', 5, { enqueuedAtMs: 1000 })]);
  expect(pool.take()?.oldestWaitMs).toBe(0);
});

test('drops what matches, in order of arrival, and never gives it out', () => {
  const pool = batcher();
  pool.add([
    row('cancel 1', 5, { enqueuedAtMs: 9 }),
    row('keep', 5),
    row('cancel 2', 6, { group: 'h', enqueuedAtMs: -9 }),
  ]);
  expect(pool.drop((value) => value.startsWith('cancel'))).toEqual(['cancel 1', 'cancel 2']);
  expect([pool.pendingItems, pool.pendingTokens]).toEqual([1, 5]);
  expect([values(pool.take()), values(pool.take())]).toEqual([['keep'], undefined]);
});

test('drops nothing twice, nor what was taken', () => {
  const pool = batcher({ maxRows: 2 });
  pool.add([row('a', 5), row('b', 5), row('c', 5)]);
  pool.take();
  expect(pool.drop(() => true)).toEqual(['c']);
  expect(pool.drop(() => true)).toEqual([]);
});

test('counts pending rows and tokens', () => {
  const pool = batcher({ maxRows: 2 });
  pool.add([row('a', 5), row('b', 6), row('c', 7)]);
  expect([pool.pendingItems, pool.pendingTokens]).toEqual([3, 18]);
  pool.take();
  expect([pool.pendingItems, pool.pendingTokens]).toEqual([1, 7]);
});

test.each([
  ['no tokens', { tokens: 0 }],
  ['a fraction of a token', { tokens: 1.5 }],
  ['tokens that are not a number', { tokens: NaN }],
  ['a negative priority', { priority: -1 }],
  ['an endless priority', { priority: Infinity }],
  ['an enqueue time that is not a number', { enqueuedAtMs: NaN }],
])('refuses a row with %s, and every row added with it', (_, wrong) => {
  const pool = batcher();
  expect(() => pool.add([row('good', 5), row('bad', 5, wrong)])).toThrow(RangeError);
  expect([pool.pendingItems, pool.take()]).toEqual([0, undefined]);
});

test.each([
  ['tokenBudget', { tokenBudget: 0 }],
  ['tokenBudget', { tokenBudget: NaN }],
  ['maxRows', { maxRows: 0 }],
  ['maxRows', { maxRows: 1.5 }],
  ['maxPaddingRatio', { maxPaddingRatio: 1 }],
  ['maxPaddingRatio', { maxPaddingRatio: -0.1 }],
  ['maxPaddingRatio', { maxPaddingRatio: NaN }],
  ['ageingMsPerPriority', { ageingMsPerPriority: -1 }],
  ['ageingMsPerPriority', { ageingMsPerPriority: Infinity }],
])('refuses an impossible %s by name', (name, options) => {
  expect(() => batcher(options)).toThrow(new RegExp(`^${name} `));
});

test.each([0, -1, 1.5, NaN, Infinity])('refuses %p as a new token budget, and keeps the one that it has', (tokens) => {
  const pool = batcher({ tokenBudget: 30 });
  expect(() => pool.setTokenBudget(tokens)).toThrow(/^tokenBudget /);
  pool.add([row('a', 10), row('b', 10), row('c', 10), row('d', 10)]);
  expect(values(pool.take())).toEqual(['a', 'b', 'c']);
});
