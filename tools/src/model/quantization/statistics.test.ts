import { indexOfLargest, rankCorrelation } from './statistics';

test.each<[string, number[], number[], number]>([
  // IQ and hours of television, the worked example of Wikipedia's article on Spearman's coefficient: -29/165
  [
    'the worked example',
    [106, 100, 86, 101, 99, 103, 97, 113, 112, 110],
    [7, 27, 2, 50, 28, 29, 20, 12, 6, 17],
    -29 / 165,
  ],
  ['the same order', [1, 2, 30], [4, 5, 6], 1],
  ['the opposite order', [1, 2, 3], [9, 8, 7], -1],
  // scipy.stats.spearmanr([1, 2, 2, 4], [1, 3, 2, 4]) = 0.9486832980505138
  ['equal values, which share their ranks', [1, 2, 2, 4], [1, 3, 2, 4], 0.9486832980505138],
  ['one value only', [5, 5, 5], [1, 2, 3], 1],
])('rankCorrelation of %s', (...[, left, right, expected]) => {
  expect(rankCorrelation(left, right)).toBeCloseTo(expected, 12);
});

test('indexOfLargest takes the first of equal values', () => {
  expect(indexOfLargest([1, 3, 3, 2])).toBe(1);
});
