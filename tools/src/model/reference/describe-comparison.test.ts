import type { Comparison, Difference } from './compare';
import { describeComparison } from './describe-comparison';

const comparison: Comparison = { rows: 3, cutRows: 0, differences: [], scores: { kind: 'compared', largest: 0.00012 } };
const difference: Difference = {
  index: 7,
  document: 'a\u001b[2J\u00e9\n',
  known: undefined,
  what: { kind: 'ids', position: 3, ours: 12, theirs: undefined },
};
const lines = (changes: Partial<Comparison>): string[] => describeComparison('tiny@1', { ...comparison, ...changes });

it('tells how many rows were compared, and the largest difference of their scores', () => {
  expect(lines({})).toEqual([
    'tiny@1: 3 rows compared with transformers.js: 0 differences and 0 known differences',
    'tiny@1: largest score difference with the same ids 0.00012',
  ]);
});

it('tells why scores were not compared, and how many rows were cut', () => {
  expect(lines({ cutRows: 2, scores: { kind: 'absent', reason: 'no graph' } })).toEqual([
    'tiny@1: 3 rows compared with transformers.js: 0 differences and 0 known differences; 2 truncated rows were not compared',
    'tiny@1: its scores were not compared: no graph',
  ]);
});

it.each<[string, Difference['what'], string]>([
  ['other ids', { kind: 'ids', position: 3, ours: 12, theirs: 4 }, 'token 3 is 12, in transformers.js 4'],
  ['fewer ids', { kind: 'ids', position: 3, ours: 12, theirs: undefined }, 'token 3 is 12, in transformers.js absent'],
  ['another score', { kind: 'score', ours: 0.5, theirs: 0.25 }, 'score 0.500000, in transformers.js 0.250000'],
  ['a failure', { kind: 'failure' }, 'transformers.js fails'],
])('tells of %s by the index and an excerpt that steers no terminal', (_what, what, told) => {
  expect(lines({ differences: [{ ...difference, what }] })[0]).toBe(`tiny@1: text 7 "a\\u001b[2J\\u00e9\\n": ${told}`);
});

it('tells no more of a long text than its first 30 characters', () => {
  const [line = ''] = lines({ differences: [{ ...difference, document: `${'x'.repeat(30)}secret` }] });
  expect(line).toContain(`"${'x'.repeat(30)}"...: token`);
  expect(line).not.toContain('secret');
});

it('lists known differences as the others, with the reason, and counts them apart', () => {
  const known = { ...difference, known: 'it has NFKC' };
  const [first = '', second] = lines({ differences: [known] });
  expect(first).toMatch(/ \(known: it has NFKC\)$/);
  expect(second).toContain('0 differences and 1 known differences');
});
