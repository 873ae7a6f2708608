import fc from 'fast-check';
import { ndcg, reciprocalRank } from './ranking-quality';

describe('nDCG@10', () => {
  test('is the discounted gain over that of the best order', () => {
    // (1 + 7/log2(3) + 0) / (7 + 1/log2(3) + 0)
    expect(ndcg([1, 3, 0], [1, 3, 0])).toBeCloseTo((1 + 7 / Math.log2(3)) / (7 + 1 / Math.log2(3)), 12);
  });

  test('looks no further than the tenth rank', () => {
    const late = [...new Array<number>(10).fill(0), 3];
    expect(ndcg(late, late)).toBe(0);
  });

  test('counts what was graded but not returned as missed', () => {
    expect(ndcg([2], [2, 3])).toBeCloseTo(3 / (7 + 3 / Math.log2(3)), 12);
  });

  test('is undefined when nothing is relevant', () => {
    expect(ndcg([0, 0], [0, 0])).toBeUndefined();
    expect(ndcg([], [])).toBeUndefined();
  });

  test('is 1 for the best order, and between 0 and 1 for any', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 }), (grades) => {
        const value = ndcg(grades, grades);
        const best = ndcg(
          [...grades].sort((left, right) => right - left),
          grades,
        );
        if (!grades.some((grade) => grade > 0)) return value === undefined && best === undefined;
        return value !== undefined && value >= 0 && value <= 1 && best === 1;
      }),
    );
  });
});

test.each([
  { ranks: [true, false], value: 1 },
  { ranks: [false, false, true, true], value: 1 / 3 },
  { ranks: [false], value: 0 },
  { ranks: [], value: 0 },
])('the reciprocal rank of $ranks is $value', ({ ranks, value }) => {
  expect(reciprocalRank(ranks)).toBe(value);
});
