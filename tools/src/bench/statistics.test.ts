import fc from 'fast-check';
import { median, percentile, seededRandom } from './statistics';

const someValues = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1 });

describe('percentile', () => {
  it('takes the nearest rank of unsorted values', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([0, 0.5, 0.95, 0.99, 1].map((share) => percentile(values, share))).toEqual([1, 50, 95, 99, 100]);
  });

  it('is a measured value with at most its share of the values below it', () => {
    fc.assert(
      fc.property(someValues, fc.double({ noNaN: true, min: 0, max: 1 }), (values, share) => {
        const found = percentile(values, share);
        expect(values).toContain(found);
        expect(values.filter((value) => value < found).length).toBeLessThanOrEqual(share * values.length);
      }),
    );
  });

  it('refuses an empty list', () => {
    expect(() => percentile([], 0.5)).toThrow(RangeError);
  });
});

describe('median', () => {
  it('is the middle of an odd count and the mean of the middle two of an even one', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 7])).toBe(6);
  });

  it('does not change the order of the values', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it('refuses an empty list', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('seededRandom', () => {
  const take = (seed: number) => Array.from({ length: 1_000 }, seededRandom(seed));

  it('gives the same numbers for the same seed and others for another', () => {
    expect(take(7)).toEqual(take(7));
    expect(take(7)).not.toEqual(take(8));
  });

  it('covers [0, 1) evenly', () => {
    const tenths = new Array<number>(10).fill(0);
    for (const value of take(1)) tenths[Math.floor(value * 10)]!++;
    expect(Math.min(...tenths)).toBeGreaterThan(50);
  });
});
