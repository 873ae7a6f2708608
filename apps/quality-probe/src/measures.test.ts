import fc from 'fast-check';
import type { GoldenQuery } from './golden-set';
import { measure, populationStabilityIndex, scoreBuckets } from './measures';

const query: GoldenQuery = {
  id: 'q',
  query: 'q',
  documents: [
    { text: 'a', grade: 0 },
    { text: 'b', grade: 3 },
    { text: 'c', grade: 1 },
  ],
};
const ranked = (...order: number[]) => order.map((index, place) => ({ index, score: 0.9 - place * 0.4 }));

test('the best order has nDCG 1 and a relevant document at rank 1', () => {
  expect(measure([{ query, ranking: ranked(1, 2, 0) }])).toMatchObject({ ndcg: 1, mrr: 1 });
});

test('figures are means over the queries, and only relevant documents count for the rank', () => {
  const second = { query, ranking: ranked(2, 1, 0) };
  const { ndcg, mrr } = measure([{ query, ranking: ranked(1, 2, 0) }, second]);
  const ideal = 7 + 1 / Math.log2(3);
  expect(ndcg).toBeCloseTo((1 + (1 + 7 / Math.log2(3)) / ideal) / 2, 12);
  expect(mrr).toBe(0.75);
});

test('every score is counted in its tenth, 1 in the last', () => {
  const ranking = [0, 0.05, 0.1, 0.99, 1].map((score, index) => ({ index, score }));
  expect(measure([{ query, ranking }]).scoreCounts).toEqual([2, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
});

describe('the population stability index', () => {
  const counts = fc.array(fc.nat(200), { minLength: scoreBuckets, maxLength: scoreBuckets });

  test('is 0 for equal distributions of any size', () => {
    expect(populationStabilityIndex([10, 20], [10, 20])).toBe(0);
    expect(populationStabilityIndex([1000, 2000], [2000, 4000])).toBeCloseTo(0, 6);
  });

  test('matches its formula', () => {
    // shares 0.7 and 0.3 against 0.5 and 0.5: (0.2) ln(1.4) + (-0.2) ln(0.6)
    expect(populationStabilityIndex([69.5, 29.5], [49.5, 49.5])).toBeCloseTo(
      0.2 * Math.log(1.4) - 0.2 * Math.log(0.6),
      12,
    );
  });

  test('is never negative, finite with empty buckets, and symmetric', () => {
    fc.assert(
      fc.property(counts, counts, (left, right) => {
        const index = populationStabilityIndex(left, right);
        return index >= 0 && Number.isFinite(index) && Math.abs(index - populationStabilityIndex(right, left)) < 1e-9;
      }),
    );
  });

  test('is large for scores that moved to the other end', () => {
    const low = [90, 10, 0, 0, 0, 0, 0, 0, 0, 0];
    expect(populationStabilityIndex([...low].reverse(), low)).toBeGreaterThan(0.25);
  });
});
