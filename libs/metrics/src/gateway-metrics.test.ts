import { errorCodes } from '@rerank-fleet/contract';
import type { ErrorCode } from '@rerank-fleet/contract';
import { createGatewayMetrics } from './gateway-metrics';
import { queryTypes, rejectedReasons } from './labels';
import { parsePage } from './testing';

const endpoint = '/v1/rerank';
const post = { method: 'POST', endpoint } as const;
const create = (heldBytes = { limitBytes: 1, now: () => 0 }) =>
  createGatewayMetrics({ endpoints: [{ ...post, codes: [200, 429, 499] }], heldBytes });
const read = async (metrics: { render(): Promise<string> }) => parsePage(await metrics.render());

describe('gateway metrics before the first request', () => {
  test('have the process metrics beside them', async () => {
    const page = await read(create());
    expect(page.value('nodejs_eventloop_lag_p99_seconds')).toBeDefined();
    expect(page.value('process_resident_memory_bytes')).toBeGreaterThan(0);
  });

  test('have a 0 for every declared status, and a duration for the successful one only', async () => {
    const page = await read(create());
    for (const code of ['200', '429', '499']) expect(page.value('reranker_requests_total', { ...post, code })).toBe(0);
    expect(page.value('reranker_request_duration_seconds_count', { ...post, code: '200' })).toBe(0);
    expect(page.value('reranker_request_duration_seconds_count', { ...post, code: '429' })).toBeUndefined();
    expect(page.value('reranker_http_requests_in_flight', { endpoint })).toBe(0);
  });

  test('have a 0 for every error, reason and query type', async () => {
    const page = await read(create());
    for (const error_type of errorCodes) expect(page.value('reranker_errors_total', { error_type })).toBe(0);
    for (const reason of rejectedReasons) expect(page.value('reranker_rejected_total', { reason })).toBe(0);
    for (const query_type of queryTypes) expect(page.value('reranker_query_type_total', { query_type })).toBe(0);
    expect(page.value('reranker_document_length_chars_count')).toBe(0);
  });

  test('report what bodies hold at each scrape, and the limit', async () => {
    let bytes = 0;
    const metrics = create({ limitBytes: 500, now: () => bytes });
    for (bytes of [0, 300, 20]) expect((await read(metrics)).value('reranker_http_held_bytes')).toBe(bytes);
    expect((await read(metrics)).value('reranker_http_held_limit_bytes')).toBe(500);
  });

  test('get the series of a model when it is announced, once', async () => {
    const metrics = create();
    const model = 'multilingual-e5-small';
    expect((await read(metrics)).value('reranker_batch_size_count', { model })).toBeUndefined();
    metrics.announceModel(model);
    expect((await read(metrics)).value('reranker_batch_size_count', { model })).toBe(0);
    metrics.rankingRequested({ model, queryType: 'why', documentLengthsChars: [1] });
    metrics.announceModel(model);
    expect((await read(metrics)).value('reranker_batch_size_count', { model })).toBe(1);
  });
});

describe('a finished request', () => {
  test('is counted once, with its time in seconds, and leaves the flight', async () => {
    const metrics = create();
    metrics.requestStarted(endpoint);
    metrics.requestStarted(endpoint);
    metrics.requestFinished({ ...post, code: 200, durationMs: 400 });
    const page = await read(metrics);
    const labels = { ...post, code: '200' };
    expect(page.value('reranker_requests_total', labels)).toBe(1);
    expect(page.value('reranker_request_duration_seconds_sum', labels)).toBeCloseTo(0.4);
    expect(page.value('reranker_request_duration_seconds_bucket', { ...labels, le: '0.25' })).toBe(0);
    expect(page.value('reranker_request_duration_seconds_bucket', { ...labels, le: '0.5' })).toBe(1);
    expect(page.value('reranker_http_requests_in_flight', { endpoint })).toBe(1);
    expect(total(page, 'reranker_errors_total')).toBe(0);
    expect(total(page, 'reranker_rejected_total')).toBe(0);
  });

  test.each(errorCodes)('counts %s as an error of that type', async (failure) => {
    const page = await finished({ code: 400, failure });
    expect(page.value('reranker_errors_total', { error_type: failure })).toBe(1);
    expect(total(page, 'reranker_errors_total')).toBe(1);
  });

  test('counts a rejection under its reason, and an internal error under none', async () => {
    const refused = await finished({ code: 429, failure: 'queue_full' });
    expect(refused.value('reranker_rejected_total', { reason: 'queue_full' })).toBe(1);
    expect(total(refused, 'reranker_rejected_total')).toBe(1);
    expect(total(await finished({ code: 500, failure: 'internal' }), 'reranker_rejected_total')).toBe(0);
  });

  test('of a caller that went away is a rejection and no error', async () => {
    const page = await finished({ code: 499, failure: 'cancelled' });
    expect(page.value('reranker_requests_total', { ...post, code: '499' })).toBe(1);
    expect(page.value('reranker_rejected_total', { reason: 'client_gone' })).toBe(1);
    expect(total(page, 'reranker_rejected_total')).toBe(1);
    expect(total(page, 'reranker_errors_total')).toBe(0);
  });

  test.each([
    [500, 'internal'],
    [418, 'invalid_value'],
  ])('with status %i and no error code counts as %s', async (code, error_type) => {
    expect((await finished({ code })).value('reranker_errors_total', { error_type })).toBe(1);
  });

  test('that redirects is no error', async () => {
    expect(total(await finished({ code: 304 }), 'reranker_errors_total')).toBe(0);
  });

  test('of an unlisted path, verb or model makes no series of its own', async () => {
    const metrics = create();
    metrics.requestStarted('/etc/passwd');
    metrics.requestFinished({ method: 'PROPFIND', endpoint: '/etc/passwd', code: 404, durationMs: 1 });
    metrics.rankingRequested({ model: 'my secret', queryType: 'general', documentLengthsChars: [] });
    const text = await metrics.render();
    expect(text).not.toMatch(/passwd|PROPFIND|secret/);
    const page = parsePage(text);
    expect(page.value('reranker_requests_total', { method: 'other', endpoint: 'other', code: '404' })).toBe(1);
    expect(page.value('reranker_http_requests_in_flight', { endpoint: 'other' })).toBe(0);
    expect(page.value('reranker_batch_size_count', { model: 'other' })).toBe(1);
  });

  test('keeps its verb only where the endpoint answers it', async () => {
    const page = { method: 'GET', endpoint: '/info', codes: [200] } as const;
    const metrics = createGatewayMetrics({
      endpoints: [{ ...post, codes: [200] }, page],
      heldBytes: { limitBytes: 1, now: () => 0 },
    });
    const verbs = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND', 'M-SEARCH', '__proto__'];
    for (const at of [endpoint, '/info', '/nowhere']) {
      for (const method of verbs) metrics.requestFinished({ method, endpoint: at, code: 405, durationMs: 1 });
    }
    const counted = (await read(metrics)).samples
      .filter(({ name, labels }) => name === 'reranker_requests_total' && labels['code'] === '405')
      .map(({ labels, value }) => `${labels['method']} ${labels['endpoint']} ${value}`);
    expect(counted.sort()).toEqual(
      [
        'GET /info 1',
        'GET other 1',
        'HEAD /info 1',
        'HEAD other 1',
        `POST ${endpoint} 1`,
        'POST other 1',
        `other ${endpoint} 8`,
        'other /info 7',
        'other other 6',
      ].sort(),
    );
  });

  test('with a clock that went backwards took no time', async () => {
    const metrics = create();
    metrics.requestFinished({ ...post, code: 200, durationMs: -5 });
    expect((await read(metrics)).value('reranker_request_duration_seconds_sum', { ...post, code: '200' })).toBe(0);
  });
});

describe('a ranking', () => {
  test('counts its documents, their lengths and its type', async () => {
    const metrics = create();
    metrics.announceModel('m');
    metrics.rankingRequested({ model: 'm', queryType: 'howto', documentLengthsChars: [100, 700] });
    const page = await read(metrics);
    expect(page.value('reranker_batch_size_sum', { model: 'm' })).toBe(2);
    expect(page.value('reranker_batch_size_count', { model: 'm' })).toBe(1);
    expect(page.value('reranker_query_type_total', { query_type: 'howto' })).toBe(1);
    expect(page.value('reranker_document_length_chars_sum')).toBe(800);
    expect(page.value('reranker_document_length_chars_bucket', { le: '100' })).toBe(1);
  });
});

describe('feedback', () => {
  test('counts a judged ranking once, with its nDCG and reciprocal rank', async () => {
    const metrics = create();
    metrics.announceModel('m');
    metrics.feedbackGiven({ model: 'm', kinds: ['grade'], ndcg: 0.75, reciprocalRank: 0.5 });
    const page = await read(metrics);
    expect(page.value('reranker_feedback_total', { model: 'm', kind: 'grade' })).toBe(1);
    expect(page.value('reranker_feedback_total', { model: 'm', kind: 'click' })).toBe(0);
    expect(page.value('reranker_feedback_ndcg_sum', { model: 'm' })).toBe(0.75);
    expect(page.value('reranker_feedback_reciprocal_rank_sum', { model: 'm' })).toBe(0.5);
  });

  test('in which nothing was relevant has a reciprocal rank of 0 and no nDCG', async () => {
    const metrics = create();
    metrics.announceModel('m');
    metrics.feedbackGiven({ model: 'm', kinds: ['click'], ndcg: undefined, reciprocalRank: 0 });
    const page = await read(metrics);
    expect(page.value('reranker_feedback_ndcg_count', { model: 'm' })).toBe(0);
    expect(page.value('reranker_feedback_reciprocal_rank_count', { model: 'm' })).toBe(1);
  });

  test('of a bundle that was never announced counts under other', async () => {
    const metrics = create();
    metrics.feedbackGiven({ model: 'made up', kinds: ['click'], ndcg: 1, reciprocalRank: 1 });
    expect((await read(metrics)).value('reranker_feedback_total', { model: 'other', kind: 'click' })).toBe(1);
  });
});

describe('the trace of a request', () => {
  test('is the exemplar of its bucket, and of no other', async () => {
    const metrics = create();
    metrics.requestFinished({ ...post, code: 200, durationMs: 40, traceId: 'a'.repeat(32) });
    metrics.requestFinished({ ...post, code: 200, durationMs: 400 });
    const page = parsePage(await metrics.render('openMetrics'));
    const marked = page.samples.filter(({ exemplar }) => exemplar !== undefined);
    expect(marked).toMatchObject([{ labels: { le: '0.05' }, exemplar: { trace_id: 'a'.repeat(32) } }]);
  });
});

test('a session of the page is counted', async () => {
  const metrics = create();
  expect((await read(metrics)).value('reranker_user_sessions_total')).toBe(0);
  metrics.sessionStarted();
  expect((await read(metrics)).value('reranker_user_sessions_total')).toBe(1);
});

describe('two gateways in one process', () => {
  test('count apart', async () => {
    const [one, two] = [create(), create()];
    one.requestFinished({ ...post, code: 200, durationMs: 1 });
    expect((await read(two)).value('reranker_requests_total', { ...post, code: '200' })).toBe(0);
  });
});

async function finished(answer: { code: number; failure?: ErrorCode }) {
  const metrics = create();
  metrics.requestStarted(endpoint);
  metrics.requestFinished({ ...post, durationMs: 1, ...answer });
  return read(metrics);
}

function total(page: Awaited<ReturnType<typeof read>>, name: string): number {
  return page.samples.filter((sample) => sample.name === name).reduce((sum, { value }) => sum + value, 0);
}
