import * as fc from 'fast-check';
import { type Batch, type BatchItem, createBatcher } from './index';

const limits = { tokenBudget: 60, maxRows: 5, maxPaddingRatio: 0.3 };
const ageingMsPerPriority = 10;

type Item = BatchItem<number>;
type Row = Omit<Item, 'value'>;
type Step = { kind: 'add'; rows: Row[] } | { kind: 'take' } | { kind: 'drop'; residue: number };

/** What one step did, and what was pending before and after it. */
interface Event {
  isTake: boolean;
  added: Item[];
  batch?: Batch<number>;
  dropped: number[];
  before: Item[];
  after: Item[];
  countedItems: number;
  countedTokens: number;
}

const row: fc.Arbitrary<Row> = fc.record({
  tokens: fc.integer({ min: 1, max: 70 }),
  group: fc.constantFrom('a', 'b', 'c'),
  priority: fc.integer({ min: 0, max: 4 }),
  enqueuedAtMs: fc.integer({ min: 0, max: 40 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add'), rows: fc.array(row, { maxLength: 12 }) }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'take' }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop'), residue: fc.integer({ min: 0, max: 4 }) }) },
);
const steps = fc.array(step, { maxLength: 40, size: 'max' });

/** Plays the steps, then takes until nothing is left; values are numbers in order of arrival. */
function play(script: readonly Step[]): Event[] {
  const pool = createBatcher<number>({ ...limits, ageingMsPerPriority, now: () => 1000 });
  let pending: Item[] = [];
  let arrivals = 0;
  const run = (next: Step): Event => {
    const before = pending;
    const added = next.kind === 'add' ? next.rows.map((fields) => ({ ...fields, value: arrivals++ })) : [];
    pool.add(added);
    const batch = next.kind === 'take' ? pool.take() : undefined;
    const dropped = next.kind === 'drop' ? pool.drop((value) => value % 5 === next.residue) : [];
    const left = new Set([...(batch?.items.map((item) => item.value) ?? []), ...dropped]);
    pending = [...before, ...added].filter((item) => !left.has(item.value));
    const counted = { countedItems: pool.pendingItems, countedTokens: pool.pendingTokens };
    return {
      isTake: next.kind === 'take',
      added,
      ...(batch && { batch }),
      dropped,
      before,
      after: pending,
      ...counted,
    };
  };
  const events = script.map(run);
  while (pool.pendingItems > 0 && events.length < 1000) events.push(run({ kind: 'take' }));
  return events;
}

const total = (items: readonly Item[]) => items.reduce((sum, item) => sum + item.tokens, 0);
const longest = (items: readonly Item[]) => Math.max(...items.map((item) => item.tokens));
const padding = (items: readonly Item[]) => 1 - total(items) / (longest(items) * items.length);
const isWithin = (items: readonly Item[]) =>
  items.length <= limits.maxRows &&
  longest(items) * items.length <= limits.tokenBudget &&
  padding(items) <= limits.maxPaddingRatio + 1e-12;
const urgencyMs = (item: Item) => item.enqueuedAtMs + item.priority * ageingMsPerPriority;
const isMoreUrgent = (a: Item, b: Item) =>
  urgencyMs(a) - urgencyMs(b) < 0 || (urgencyMs(a) === urgencyMs(b) && a.value < b.value);

/** Checks every batch of every history. */
function forEveryBatch(check: (batch: Batch<number>, event: Event) => void): void {
  fc.assert(
    fc.property(steps, (script) => {
      for (const event of play(script)) if (event.batch) check(event.batch, event);
    }),
  );
}

test('each row leaves exactly once: taken or dropped', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const events = play(script);
      const added = events.flatMap((event) => event.added.map((item) => item.value));
      const left = events.flatMap((event) => [
        ...(event.batch?.items.map((item) => item.value) ?? []),
        ...event.dropped,
      ]);
      expect(left.sort((a, b) => a - b)).toEqual(added);
    }),
  );
});

test('takes rows as they were added, and nothing only when nothing is pending', () => {
  fc.assert(
    fc.property(steps, (script) => {
      for (const { isTake, batch, before } of play(script)) {
        if (isTake) expect(batch === undefined).toBe(before.length === 0);
        for (const item of batch?.items ?? []) expect(before).toContainEqual(item);
      }
    }),
  );
});

test('a batch of several rows keeps to one group and within budget, rows and padding', () => {
  forEveryBatch(({ items }) => {
    expect(new Set(items.map((item) => item.group)).size).toBe(1);
    expect(items.length === 1 || isWithin(items)).toBe(true);
  });
});

test('a batch is full: no pending row of its group would fit, and the reason says so', () => {
  forEveryBatch((batch, { after }) => {
    const others = after.filter((item) => item.group === batch.items[0]?.group);
    expect(others.filter((item) => isWithin([...batch.items, item]))).toEqual([]);
    expect(batch.closedBy === 'drained').toBe(others.length === 0);
  });
});

test('a batch is a run of neighbouring lengths: no row of its group between its shortest and longest stays', () => {
  forEveryBatch(({ items }, { after }) => {
    const shortest = Math.min(...items.map((item) => item.tokens));
    const others = after.filter((item) => item.group === items[0]?.group);
    expect(others.filter(({ tokens }) => tokens > shortest && tokens < longest(items))).toEqual([]);
  });
});

test('a batch reports its true size and wait', () => {
  forEveryBatch((batch) => {
    const oldest = Math.min(...batch.items.map((item) => item.enqueuedAtMs));
    expect(batch).toMatchObject({
      longestTokens: longest(batch.items),
      tokens: total(batch.items),
      paddedTokens: longest(batch.items) * batch.items.length,
      oldestWaitMs: 1000 - oldest,
    });
  });
});

test('the first row of a batch is the most urgent of all that were pending', () => {
  forEveryBatch(({ items: [seed] }, { before }) => {
    expect(before.filter((item) => seed && isMoreUrgent(item, seed))).toEqual([]);
  });
});

test('of rows of one length and group the more urgent leaves first', () => {
  forEveryBatch(({ items }, { after }) => {
    for (const taken of items) {
      const alike = after.filter((item) => item.group === taken.group && item.tokens === taken.tokens);
      expect(alike.filter((item) => isMoreUrgent(item, taken))).toEqual([]);
    }
  });
});

test('no row waits for ever: it leaves within one take more than there ever are rows more urgent than it', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const events = play(script);
      const all = events.flatMap((event) => event.added);
      for (const item of all) {
        const takesWaited = events.filter((event) => event.batch && event.after.includes(item)).length;
        expect(takesWaited).toBeLessThanOrEqual(all.filter((other) => isMoreUrgent(other, item)).length);
      }
    }),
  );
});

test('pendingItems and pendingTokens agree with what is pending after every step', () => {
  fc.assert(
    fc.property(steps, (script) => {
      for (const { after, countedItems, countedTokens } of play(script)) {
        expect([countedItems, countedTokens]).toEqual([after.length, total(after)]);
      }
    }),
  );
});

test('rows of distinct urgency make the same batches in whatever order and portions they are added', () => {
  const distinct = fc.uniqueArray(row, {
    selector: (fields) => urgencyMs({ ...fields, value: 0 }),
    maxLength: 60,
    size: 'max',
  });
  const twice = distinct
    .map((rows) => rows.map((fields, value) => ({ ...fields, value })))
    .chain((items) => {
      const shuffled = fc.shuffledSubarray(items, { minLength: items.length });
      return fc.tuple(fc.constant(items), shuffled, fc.nat(items.length));
    });
  fc.assert(
    fc.property(twice, ([items, shuffled, cut]) => {
      expect(drain([shuffled.slice(0, cut), shuffled.slice(cut)])).toEqual(drain([items]));
    }),
  );
});

/** All the batches that the portions make once they are all in. */
function drain(portions: readonly Item[][]): Batch<number>[] {
  const pool = createBatcher<number>({ ...limits, ageingMsPerPriority, now: () => 1000 });
  for (const portion of portions) pool.add(portion);
  const batches: Batch<number>[] = [];
  for (let batch = pool.take(); batch !== undefined; batch = pool.take()) batches.push(batch);
  return batches;
}

test('from a change of the token budget on, batches are those of a pool that was created with the new one', () => {
  const budget = fc.integer({ min: 1, max: 200 });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), budget, budget, (rows, first, then) => {
      const poolOf = (tokenBudget: number) => {
        const pool = createBatcher<number>({ ...limits, tokenBudget, now: () => 1000 });
        pool.add(rows.map((fields, value) => ({ ...fields, value })));
        return pool;
      };
      const [changed, created] = [poolOf(first), poolOf(then)];
      changed.setTokenBudget(then);
      while (created.pendingItems > 0) expect(changed.take()).toEqual(created.take());
      expect(changed.pendingItems).toBe(0);
    }),
  );
});
