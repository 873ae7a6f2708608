import fc from 'fast-check';
import { compareRankings, kendallTauB } from './compare';
import { rankingOf } from './testing';

const results = (scores: readonly number[]) => rankingOf(scores).results;
const compared = (left: readonly number[], right: readonly number[], depth?: number) =>
  compareRankings(results(left), results(right), depth);

describe("Kendall's tau-b", () => {
  test.each([
    { name: 'the same order', left: [1, 2, 3, 4], right: [10, 20, 30, 40], tau: 1 },
    { name: 'the reverse', left: [1, 2, 3, 4], right: [4, 3, 2, 1], tau: -1 },
    { name: 'one swap of neighbours among four', left: [1, 2, 3, 4], right: [1, 3, 2, 4], tau: 4 / 6 },
    { name: 'one tie on one side', left: [1, 2, 3], right: [1, 1, 2], tau: 2 / Math.sqrt(3 * 2) },
    // of ten pairs two agree and six do not; one is tied on the right, two on the left
    { name: 'ties on both sides', left: [12, 2, 1, 12, 2], right: [1, 4, 7, 1, 0], tau: (2 - 6) / Math.sqrt(8 * 9) },
  ])('of $name', ({ left, right, tau }) => {
    expect(kendallTauB(left.map((score, position) => [score, right[position] ?? 0]))).toBeCloseTo(tau, 12);
  });

  test.each([
    ['nothing', []],
    ['one document', [[1, 2]]],
    [
      'a side with one score only',
      [
        [1, 1],
        [1, 2],
      ],
    ],
  ] as [string, [number, number][]][])('of %s is not defined', (_, scores) => {
    expect(kendallTauB(scores)).toBeNull();
  });

  test('is symmetric, within bounds, and turns its sign with one side', () => {
    const pairs = fc.array(fc.tuple(fc.integer({ max: 5 }), fc.integer({ min: 0, max: 5 })), { maxLength: 30 });
    fc.assert(
      fc.property(pairs, (scores) => {
        const tau = kendallTauB(scores);
        expect(kendallTauB(scores.map(([left, right]) => [right, left]))).toBe(tau);
        if (tau === null) return;
        expect(Math.abs(tau)).toBeLessThanOrEqual(1 + 1e-12);
        expect(kendallTauB(scores.map(([left, right]) => [left, -right]))).toBeCloseTo(-tau, 12);
      }),
    );
  });
});

describe('two rankings', () => {
  test('that are the same agree in all', () => {
    expect(compared([0.1, 0.9, 0.5], [0.1, 0.9, 0.5])).toMatchObject({
      kendallTauB: 1,
      overlap: 1,
      depth: 3,
      meanAbsoluteScoreDifference: 0,
    });
  });

  test('overlap in what both have among their first', () => {
    // left 0 1 2 3, right 1 3 0 2
    const comparison = compared([0.9, 0.8, 0.7, 0.6], [0.5, 0.9, 0.1, 0.8], 2);
    expect(comparison).toMatchObject({ overlap: 0.5, depth: 2 });
    expect(comparison?.meanAbsoluteScoreDifference).toBeCloseTo((0.4 + 0.1 + 0.6 + 0.2) / 4, 12);
  });

  test('name the most moved documents first', () => {
    const comparison = compared([0.9, 0.8, 0.7, 0.6], [0.5, 0.9, 0.1, 0.8]);
    expect(comparison?.movers.map(({ index, left, right, gained }) => [index, left, right, gained])).toEqual([
      [0, 1, 3, -2],
      [3, 4, 2, 2],
      [2, 3, 4, -1],
      [1, 2, 1, 1],
    ]);
  });

  test('name documents that moved alike by their difference of score, then by index', () => {
    const comparison = compared([0.9, 0.8, 0.7, 0.6], [0.8, 0.9, 0.4, 0.5]);
    expect(comparison?.movers.map(({ index }) => index)).toEqual([2, 0, 1, 3]);
    expect(compared([0.5, 1], [1, 0.5])?.movers.map(({ index }) => index)).toEqual([0, 1]);
  });

  test('are compared by what both hold', () => {
    const left = [
      { index: 7, score: 0.9 },
      { index: 1, score: 0.8 },
      { index: 0, score: 0.1 },
    ];
    const right = [
      { index: 0, score: 0.9 },
      { index: 9, score: 0.5 },
      { index: 1, score: 0.2 },
    ];
    const comparison = compareRankings(left, right);
    expect(comparison).toMatchObject({ kendallTauB: -1, overlap: 1, depth: 2 });
    expect(comparison?.movers).toEqual([
      { index: 0, left: 2, right: 1, gained: 1, leftScore: 0.1, rightScore: 0.9 },
      { index: 1, left: 1, right: 2, gained: -1, leftScore: 0.8, rightScore: 0.2 },
    ]);
  });

  test('with nothing in common cannot be compared', () => {
    expect(compareRankings([{ index: 0, score: 1 }], [{ index: 1, score: 1 }])).toBeUndefined();
    expect(compareRankings([], [])).toBeUndefined();
  });
});
