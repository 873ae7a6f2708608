import { judgeSeries } from './series';

const counted = (method: string, endpoint: string, code: number) =>
  `reranker_requests_total{method="${method}",endpoint="${endpoint}",code="${code}"}`;
const fresh = [
  counted('POST', '/v1/rerank', 200),
  counted('POST', '/v1/rerank', 400),
  counted('GET', '/v1/models', 200),
  counted('GET', 'other', 404),
  'reranker_http_requests_in_flight{endpoint="/v1/rerank"}',
  'process_resident_memory_bytes',
];
const rules = { fresh, statuses: [200, 404, 417], models: ['tiny'] };

it('accepts declared series: routes with their methods, statuses and models, and one name for unknown routes', () => {
  const { faults } = judgeSeries(
    [
      ...fresh,
      counted('POST', '/v1/rerank', 499),
      counted('HEAD', '/v1/models', 200),
      counted('other', '/v1/rerank', 405),
      counted('other', 'other', 417),
      'reranker_request_duration_seconds_bucket{le="0.1",method="GET",endpoint="/v1/models",code="200"}',
      'reranker_batch_size_count{model="tiny"}',
      'reranker_batch_size_bucket{le="1",model="other"}',
      'nodejs_active_resources{type="Timeout"}',
    ],
    rules,
  );
  expect(faults).toEqual([]);
});

it.each([
  [counted('PROPFIND', '/v1/rerank', 405), 'a series of 405 for PROPFIND /v1/rerank'],
  [counted('GET', '/v1/rerank', 405), 'a series of 405 for GET /v1/rerank'],
  [counted('GET', '/nothing', 404), 'a series of 404 for GET /nothing'],
  [counted('POST', '/v1/rerank', 418), 'a series of 418 for POST /v1/rerank'],
  ['reranker_batch_size_count{model="asked"}', 'a series of reranker_batch_size whose model is "asked"'],
  [
    'reranker_http_requests_in_flight{endpoint="/x"}',
    'a series of reranker_http_requests_in_flight whose endpoint is "/x"',
  ],
  ['reranker_odd_total', 'reranker_odd_total is not declared'],
  ['reranker_errors_total{error_type="odd"}', 'a series of reranker_errors_total whose error_type is "odd"'],
])('finds %s', (key, fault) => {
  expect(judgeSeries([...fresh, key], rules).faults).toEqual([fault]);
});

it('the limit depends only on the declared routes and models, not on the requests', () => {
  const { limit } = judgeSeries(fresh, rules);
  const asked = Array.from({ length: limit + 1 }, (_, at) => `nodejs_odd{number="${at}"}`);
  expect(judgeSeries(asked, rules)).toEqual({ limit, faults: [`${limit + 1} series, of ${limit} that are declared`] });
  expect(judgeSeries([], { ...rules, models: ['tiny', 'small'] }).limit).toBeGreaterThan(limit);
});
