import { batcherSlices } from './batcher-slices';
import type { EncodedRow } from './model-threads';

/** Rows of one query with the given lengths. */
function rowsOf(key: string, ...lengths: number[]): EncodedRow[] {
  const query = { key, ids: new Int32Array(), tokens: 1 };
  return lengths.map((rowTokens) => ({ query, document: { ids: new Int32Array(), rowTokens, keptTokens: 1 } }));
}

const arrivals = [rowsOf('a', 10, 10, 50, 50, 50), rowsOf('b', 10, 50), rowsOf('c', 10, 10, 10)];
const limits = { tokenBudget: 100, maxRows: 4, mixesQueries: true, refillBelow: 100 };
const shapes = (slices: EncodedRow[][]) =>
  slices.map((slice) => slice.map(({ query, document }) => `${query.key}${document.rowTokens}`).join(' '));

describe('batcherSlices', () => {
  it('mixes the queries of all arrivals, within budget and rows', () => {
    expect(shapes(batcherSlices(arrivals, limits))).toEqual(['a10 a10 b10 c10', 'a50 a50', 'a50 b50', 'c10 c10']);
  });

  it('limits each batch to one query when the session does not mix them', () => {
    const slices = batcherSlices(arrivals, { ...limits, mixesQueries: false });
    expect(shapes(slices).sort()).toEqual(['a10 a10', 'a50', 'a50 a50', 'b10', 'b50', 'c10 c10 c10']);
  });

  it('takes one row at a time when the session does', () => {
    const slices = batcherSlices(arrivals, { ...limits, maxRows: 1 });
    expect(slices.map((slice) => slice.length)).toEqual(new Array(10).fill(1));
  });

  it('takes the next arrivals only when few rows are left', () => {
    const slices = batcherSlices(arrivals, { ...limits, refillBelow: 1 });
    expect(shapes(slices)).toEqual(['a10 a10', 'a50 a50', 'a50', 'b10', 'b50', 'c10 c10 c10']);
  });

  it('makes no empty batch', () => {
    expect(batcherSlices([], limits)).toEqual([]);
  });
});
