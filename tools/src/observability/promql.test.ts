import { decidingQueries, problemsOf, selectorsOf } from './promql';

const none = new Set<string>();

test('finds every selector with its labels, without the labels of a grouping', () => {
  const expr =
    'sum by (job, le) (rate(reranker_x_bucket{code=~"5..",le=~"1"}[5m])) / on (queue) up{job="a"} > vector(0)';
  expect(selectorsOf(expr)).toEqual([
    { metric: 'reranker_x_bucket', labels: ['code', 'le'] },
    { metric: 'up', labels: ['job'] },
  ]);
});

test.each(['sum(', 'rate(up[5m]', 'up{job=}', ''])('refuses what is not PromQL: %p', (expr) => {
  expect(() => selectorsOf(expr)).toThrow('not PromQL');
});

test.each([
  { what: 'a metric that no program exports', expr: 'rate(reranker_request_total[5m])', says: 'no program exports' },
  { what: 'a histogram by its bare name', expr: 'reranker_score_distribution', says: 'no program exports' },
  { what: 'a label that a metric does not have', expr: 'reranker_errors_total{code="500"}', says: 'no label code' },
  {
    what: 'a bucket edge as a plain number',
    expr: 'reranker_request_duration_seconds_bucket{le="1"}',
    says: 'plain number',
  },
])('finds $what', ({ expr, says }) => {
  expect(problemsOf(expr, none)).toEqual([expect.stringContaining(says)]);
});

test('finds no fault in a good query', () => {
  expect(problemsOf('rate(reranker_request_duration_seconds_bucket{code="200",le=~"1(\\\\.0)?"}[5m])', none)).toEqual(
    [],
  );
  expect(problemsOf('fleet:x:rate5m > 1', new Set(['fleet:x:rate5m']))).toEqual([]);
});

test.each([
  { expr: 'a > 1', queries: ['a', '1'] },
  { expr: 'a < max by (m) (b) - 0.05', queries: ['a', 'max by (m) (b) - 0.05'] },
  { expr: 'a > 1\nand b == 2\nand c * sum(d) > 5', queries: ['a', '1', 'b', '2', 'c * sum(d)', '5'] },
  { expr: '(sum(a) or vector(0)) == 0', queries: ['(sum(a) or vector(0))', '0'] },
  { expr: 'a / (b > 0) > 0.1', queries: ['a / (b > 0)', '0.1'] },
  { expr: 'absent(up{job="x"})', queries: ['up{job="x"}'] },
  { expr: 'vector(1)', queries: ['vector(1)'] },
])('whether $expr holds is decided by $queries', ({ expr, queries }) => {
  expect(decidingQueries(expr)).toEqual(queries);
});
