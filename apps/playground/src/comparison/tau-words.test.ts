import { tauWords } from './tau-words';

test.each([
  [1, 'same'],
  [0.95, 'mostly'],
  [0.5, 'partly'],
  [0, 'none'],
  [-0.2, 'none'],
  [-1, 'reversed'],
  [null, 'unknown'],
] as const)('a tau of %s is described as %s', (tau, words) => {
  expect(tauWords(tau)).toBe(words);
});
