import { startTestTracing, type TestTracing } from '@rerank-fleet/service-shell/testing';
import { call, fakeFleet, startEdge, until, type FakeFleet, type TestEdge } from '../testing';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
const body = { query: 'secret question', documents: ['secret a', 'secret b'], top_n: 1, instruction: 'secret order' };

let edge: TestEdge | undefined;
let traced: TestTracing;
beforeEach(() => (traced = startTestTracing()));
afterEach(async () => edge?.close());

async function start(fleet: FakeFleet = fakeFleet()): Promise<TestEdge> {
  edge = await startEdge({ fleet, tracing: traced.tracing });
  return edge;
}

describe('the span of a request', () => {
  it('records what was asked and answered in numbers, without a text', async () => {
    const at = await start();
    const { headers } = await call(at, { path: '/v1/rerank', body, headers: { traceparent } });
    expect(traced.ended).toMatchObject([
      { name: 'POST /v1/rerank', kind: 'server', traceId, parentSpanId: '00f067aa0ba902b7', failed: false },
    ]);
    expect(traced.ended[0]?.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/v1/rerank',
      'http.response.status_code': 200,
      'openinference.span.kind': 'RERANKER',
      'reranker.model_name': 'multilingual-e5-small',
      'reranker.top_k': 1,
      'rerank.request_id': headers['x-request-id'],
      'rerank.document_count': 2,
      'rerank.token_count': 19,
      'rerank.truncated_document_count': 0,
    });
    expect(headers).not.toHaveProperty('traceparent');
  });

  it('is what the jobs are traced under', async () => {
    const at = await start();
    await call(at, { body, headers: { traceparent } });
    expect(at.fleet.asked[0]?.options.span.traceparent).toBe(`00-${traceId}-${traced.ended[0]?.spanId}-01`);
  });

  it.each([
    { what: 'an internal error', sent: body, code: 500, type: 'internal', failed: true },
    { what: 'a bad request', sent: { query: 'secret' }, code: 400, type: 'invalid_type', failed: false },
  ])('has the code of $what, and fails only by what is ours', async ({ sent, code, type, failed }) => {
    const at = await start(fakeFleet(() => Promise.reject(new Error('broken'))));
    await call(at, { body: sent });
    expect(traced.ended).toMatchObject([
      { failed, attributes: { 'http.response.status_code': code, 'error.type': type } },
    ]);
    expect(JSON.stringify(traced.ended)).not.toContain('secret');
  });

  it('ends once for a caller that goes away, as 499', async () => {
    let answer = (): void => undefined;
    const fleet = fakeFleet(async () => {
      await new Promise<void>((resolve) => (answer = resolve));
      return { ok: false, failure: { code: 'cancelled', message: 'gone' } };
    });
    const at = await start(fleet);
    const leaving = new AbortController();
    const gone = fetch(`${at.url}/rerank`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: leaving.signal,
    }).catch(() => 'gone');
    await until(() => fleet.asked.length === 1);
    leaving.abort();
    await gone;
    await until(() => traced.ended.length === 1);
    answer();
    expect(traced.ended).toMatchObject([{ failed: false, attributes: { 'http.response.status_code': 499 } }]);
    expect(traced.open()).toEqual([]);
  });

  it('names a route and never a path, and is not made for probes', async () => {
    const at = await start();
    for (const path of ['/health', '/ready', '/v1/models/secret', '/secret']) {
      await call(at, { method: 'GET', path });
    }
    expect(traced.ended.map(({ name }) => name)).toEqual(['GET /v1/models/{name}', 'GET']);
    expect(JSON.stringify(traced.ended)).not.toContain('secret');
  });
});

describe('the trace of a request', () => {
  it('is the exemplar of its duration only while it is recorded', async () => {
    const at = await start();
    await call(at, { body, headers: { traceparent } });
    await call(at, { body, headers: { traceparent: traceparent.replace(/01$/, '00') } });
    expect(at.observed.finished.map((request) => request.traceId)).toEqual([traceId, undefined]);
  });

  it.each(['on', 'off'])('stands with the request in the log while tracing is %s', async (how) => {
    const fleet = fakeFleet(() => Promise.reject(new Error('broken')));
    edge = await startEdge({ fleet, ...(how === 'on' && { tracing: traced.tracing }) });
    const { headers } = await call(edge, { body, headers: { traceparent } });
    expect(edge.observed.logLines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { msg: 'request failed unexpectedly', requestId: headers['x-request-id'], traceId },
    ]);
  });
});
