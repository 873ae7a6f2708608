import type { QueryToPrepare } from '../rows/batch-rows';
import { createPreparedQueries } from './prepared-queries';

const bytesPerToken = 4;
const query = (...ids: number[]) => ({ key: ids.join(), ids: Int32Array.from(ids), tokens: ids.length });
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

function setup(limits: { queries?: number; bytes?: number } = {}) {
  const lookups: string[] = [];
  let bytes = 0;
  const queries = createPreparedQueries<string>({
    limits: { queries: 8, bytes: 100_000, ...limits },
    onLookup(lookup, keptBytes) {
      lookups.push(lookup);
      bytes = keptBytes;
    },
  });
  const computed: QueryToPrepare[] = [];
  return {
    queries,
    lookups,
    computed,
    keptBytes: () => bytes,
    prepare: (one: ReturnType<typeof query>, job = 'job') =>
      queries.prepare(one, job, async (toPrepare) => {
        const one = toPrepare();
        computed.push(one);
        await Promise.resolve();
        return { ids: one.query.ids };
      }),
  };
}

describe('prepared queries', () => {
  it('are computed once, also for jobs that ask at the same time', async () => {
    const { prepare, computed, lookups, queries } = setup();
    await Promise.all([prepare(query(1, 2)), prepare(query(1, 2)), prepare(query(3))]);
    await prepare(query(1, 2));
    expect(computed).toHaveLength(2);
    expect(lookups.sort()).toEqual(['computed', 'computed', 'kept', 'kept']);
    expect(queries.known('1,2')).toEqual({ ids: Int32Array.of(1, 2) });
    expect(queries.known('4')).toBeUndefined();
  });

  it('tell the computation which jobs wait, as they come', async () => {
    const { queries } = setup();
    let seen: string[] = [];
    let end: () => void = () => undefined;
    const running = queries.prepare(query(1), 'first', async (_query, jobs) => {
      await new Promise<void>((resolve) => (end = resolve));
      seen = [...jobs];
      return undefined;
    });
    const second = queries.prepare(query(1), 'second', () => Promise.reject(new Error('computed twice')));
    end();
    await Promise.all([running, second]);
    expect(seen).toEqual(['first', 'second']);
  });

  it.each([
    ['the longest of several', { kept: [range(0, 40), range(0, 30)], ids: [...range(0, 35), 99, 98], tokens: 35 }],
    ['all but the last token, which is left to compute', { kept: [range(0, 40)], ids: range(0, 30), tokens: 29 }],
    ['a whole other query', { kept: [range(0, 20)], ids: range(0, 50), tokens: 20 }],
    ['none of another beginning', { kept: [range(5, 50)], ids: range(0, 50), tokens: undefined }],
    ['none of fewer tokens than pay', { kept: [range(0, 50)], ids: [...range(0, 15), 99], tokens: undefined }],
  ])('continue the first tokens of one that is kept: %s', async (_what, { kept, ids, tokens }) => {
    const { prepare, computed, lookups } = setup();
    for (const one of kept) await prepare(query(...one));
    await prepare(query(...ids));
    const start = computed.at(-1)?.start;
    expect(start?.tokens).toBe(tokens);
    if (start !== undefined) expect(Object.values(start.prepared)[0]).toEqual(Int32Array.from(kept[0] as number[]));
    expect(lookups.at(-1)).toBe(tokens === undefined ? 'computed' : 'continued');
  });

  it('are looked up for a start when the work begins, not while it waits', async () => {
    const { queries, prepare } = setup();
    let begin: () => void = () => undefined;
    let start: unknown;
    const waiting = queries.prepare(query(...range(0, 30), 99), 'waits', async (toPrepare) => {
      await new Promise<void>((resolve) => (begin = resolve));
      start = toPrepare().start;
      return undefined;
    });
    await prepare(query(...range(0, 30), 98));
    begin();
    await waiting;
    expect(start).toMatchObject({ tokens: 30 });
  });

  it('stay within the limits, and are computed again after they had to go', async () => {
    const { prepare, computed, keptBytes, queries } = setup({ bytes: 10 * bytesPerToken });
    for (const first of [1, 2, 3]) await prepare(query(...range(first, first + 5)));
    expect(keptBytes()).toBe(10 * bytesPerToken);
    expect(queries.known(range(1, 6).join())).toBeUndefined();
    await prepare(query(...range(1, 6)));
    expect(computed).toHaveLength(4);
    await prepare(query(...range(0, 11)));
    expect(queries.known(range(0, 11).join())).toBeUndefined();
    expect(keptBytes()).toBeLessThanOrEqual(10 * bytesPerToken);
  });

  it('are asked for again after a failure', async () => {
    const { queries, prepare, computed } = setup();
    const fails = queries.prepare(query(1), 'job', () => Promise.reject(new Error('broken')));
    await expect(fails).rejects.toThrow('broken');
    await prepare(query(1));
    expect(computed).toHaveLength(1);
  });
});
