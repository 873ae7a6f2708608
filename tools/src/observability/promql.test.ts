import { problemsOf, selectorsOf } from './promql';

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
