import fc from 'fast-check';
import { countFrom, movements } from './order';
import { rankingOf } from './testing';

test('a movement is the number of gained or lost positions', () => {
  expect(movements(rankingOf([0.1, 0.2, 0.3, 0.9]).results)).toEqual([
    { index: 3, before: 4, after: 1, gained: 3, rank: 1, isTied: false },
    { index: 2, before: 3, after: 2, gained: 1, rank: 2, isTied: false },
    { index: 1, before: 2, after: 3, gained: -1, rank: 3, isTied: false },
    { index: 0, before: 1, after: 4, gained: -3, rank: 4, isTied: false },
  ]);
});

test('documents of one score share the best of their ranks', () => {
  const ranks = movements(rankingOf([0.5, 0.9, 0.5, 0.1]).results).map(({ index, rank, isTied }) => [
    index,
    rank,
    isTied,
  ]);
  expect(ranks).toEqual([
    [1, 1, false],
    [0, 2, true],
    [2, 2, true],
    [3, 4, false],
  ]);
});

test('gains and losses cancel out', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (scores) => {
      const moves = movements(rankingOf(scores).results);
      expect(moves.reduce((sum, { gained }) => sum + gained, 0)).toBe(0);
      expect(moves.map(({ after }) => after)).toEqual(scores.map((_, position) => position + 1));
    }),
  );
});

test('a threshold lets its own score stay', () => {
  const { results } = rankingOf([0.9, 0.5, 0.1]);
  expect([0, 0.1, 0.5, 0.51, 0.9, 1].map((threshold) => countFrom(results, threshold))).toEqual([3, 3, 2, 1, 1, 0]);
});
