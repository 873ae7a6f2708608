import fc from 'fast-check';
import { arrivalSlices, sortedSlices } from './slices';

const lengths = fc.array(fc.integer({ min: 1, max: 600 }), { maxLength: 200 });
const same = (tokens: number) => tokens;

describe('sortedSlices', () => {
  it('contains every row once, within both limits unless a row is alone', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 16 }), (rows, maxRows) => {
        const slices = sortedSlices(rows, same, { tokenBudget: 512, maxRows });
        expect(slices.flat().sort((a, b) => a - b)).toEqual([...rows].sort((a, b) => a - b));
        for (const slice of slices.filter(({ length }) => length > 1)) {
          expect(slice.length).toBeLessThanOrEqual(maxRows);
          expect(Math.max(...slice) * slice.length).toBeLessThanOrEqual(512);
        }
      }),
    );
  });

  it('combines rows of similar length and fills each call', () => {
    expect(sortedSlices([10, 100, 10, 100, 10, 100], same, { tokenBudget: 200, maxRows: 9 })).toEqual([
      [100, 100],
      [100, 10],
      [10, 10],
    ]);
  });
});

describe('arrivalSlices', () => {
  it('keeps the order and leaves the rest for the last call', () => {
    expect(arrivalSlices([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  });
});
