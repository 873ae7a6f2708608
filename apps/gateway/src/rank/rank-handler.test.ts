import { connect } from 'node:net';
import { errorCodes, type Failure } from '@rerank-fleet/contract';
import { rankEndpoints } from './endpoints';
import { statusOf } from '../http/failure';
import type { RankOptions, RankOutcome } from './fleet';
import { call, fakeFleet, pathOf, rankingOf, startEdge, until, type FakeFleet, type TestEdge } from '../testing';

const body = { query: 'q', documents: ['a', 'b'] };

let edge: TestEdge | undefined;
afterEach(async () => edge?.close());

async function start(fleet: FakeFleet = fakeFleet(), env: Record<string, string> = {}): Promise<TestEdge> {
  edge = await startEdge({ fleet, env });
  return edge;
}

const failing = (failure: Failure) => fakeFleet(async () => ({ ok: false, failure }));

describe('a ranking', () => {
  test('returns its timings, tokens and id in headers', async () => {
    const { headers, json } = await call(await start(), { body });
    expect(headers).toMatchObject({
      'x-model': 'multilingual-e5-small@2',
      'x-queue-time': '1.50',
      'x-tokenization-time': '0.25',
      'x-inference-time': '12.00',
      'x-compute-tokens': '19',
      'x-total-time': expect.stringMatching(/^\d+\.\d\d$/) as unknown,
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
    });
    expect(headers).not.toHaveProperty('x-truncated-documents');
    expect(json).toHaveProperty('id', `rerank-${headers['x-request-id']}`);
  });

  test('lists truncated documents beside the results, and in a header where the shape is strict', async () => {
    const truncated = [{ index: 1, tokens: 900, keptTokens: 500, keptCharacters: 1_800 }];
    const fleet = fakeFleet(async (request, { requestId }) => ({
      ok: true,
      ranking: rankingOf(request, requestId, { truncated }),
    }));
    const expected = [{ index: 1, tokens: 900, kept_tokens: 500, kept_characters: 1_800 }];
    const at = await start(fleet);
    const object = await call(at, { body });
    expect(object.json).toHaveProperty('truncated', expected);
    expect(object.headers['x-truncated-documents']).toBe('1');
    expect((await call(at, { path: '/voyage/v1/rerank', body })).json).toHaveProperty('truncated', expected);
    const bare = await call(at, { body: { query: 'q', texts: ['a', 'b'] } });
    expect(bare.headers['x-truncated-documents']).toBe('1');
    expect(bare.text).not.toContain('kept');
  });

  test('passes every option to the fleet', async () => {
    const at = await start();
    const options = {
      model: 'e5',
      instruction: 'i',
      top_n: 1,
      return_documents: true,
      raw_scores: 'true',
      return_tokens: 1,
    };
    await call(at, { body: { ...body, ...options, max_tokens_per_doc: 64, priority: 7 } });
    expect(at.fleet.asked[0]?.request).toEqual({
      model: 'e5',
      query: 'q',
      instruction: 'i',
      documents: ['a', 'b'],
      topN: 1,
      returnDocuments: true,
      rawScores: true,
      returnTokens: true,
      maxTokensPerDocument: 64,
      truncationSide: 'right',
      priority: 7,
    });
  });

  test.each([
    [undefined, 200, 300_000],
    ['100', 200, 100],
    ['900000', 200, 900_000],
    ['99', 422, 100],
    ['900001', 422, 900_000],
    ['150.5', 422, 900_000],
    ['-5', 422, 100],
    ['soon', 400, undefined],
  ])('x-request-timeout-ms: %s', async (header, status, waitOrLimit) => {
    const at = await start();
    const answer = await call(at, { body, headers: header === undefined ? {} : { 'x-request-timeout-ms': header } });
    expect(answer.status).toBe(status);
    if (status === 200) expect(at.fleet.asked[0]?.options.waitMs).toBe(waitOrLimit);
    else expect(answer.json).toMatchObject({ error: { param: 'x-request-timeout-ms' } });
  });

  test('passes a valid traceparent on, and no other', async () => {
    const at = await start();
    const valid = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await call(at, { body, headers: { traceparent: valid } });
    await call(at, { body, headers: { traceparent: 'nonsense' } });
    expect(at.fleet.asked.map(({ options }) => options.span.traceparent)).toEqual([valid, undefined]);
  });
});

describe('a failure', () => {
  test.each([
    ['["", "a", " ", "b", "c"]', ['', 'a', ' ', 'b', 'c'], 3],
    ['["a", "b", "", "c"]', ['a', 'b', '', 'c'], 1],
    ['["a", "b"]', ['a', 'b'], 1],
  ])('of document 1 of those that are scored of %s gets its index among all', async (_what, documents, index) => {
    const message = 'The model returned a score that is not a number for document 1.';
    const at = await start(failing({ code: 'invalid_score', message, field: 'documents[1]' }));
    const { status, json } = await call(at, { body: { query: 'q', documents } });
    expect(status).toBe(500);
    expect(json).toMatchObject({
      message: `The model returned a score that is not a number for document ${index}.`,
      error: { code: 'invalid_score', param: `documents[${index}]` },
    });
  });

  // the bodies of every dialect: client-rules.errors.test.ts
  test.each(errorCodes.filter((code) => code !== 'cancelled'))('%s is counted with its status', async (code) => {
    const at = await start(failing({ code, message: 'said by us' }));
    expect((await call(at, { body })).status).toBe(statusOf[code]);
    expect(at.observed.finished).toMatchObject([{ code: statusOf[code], failure: code }]);
  });

  test.each(['queue_full', 'gateway_full', 'no_worker', 'redis_away', 'interrupted'] as const)(
    '%s says when to come back',
    async (code) => {
      expect(
        (await call(await start(failing({ code, message: 'm', retryAfterS: 7 })), { body })).headers,
      ).toHaveProperty('retry-after', '7');
      await edge?.close();
      expect((await call(await start(failing({ code, message: 'm' })), { body })).headers).toHaveProperty(
        'retry-after',
        '1',
      );
    },
  );

  test('a crash is a 500 that shows and logs nothing of the request', async () => {
    const at = await start(
      fakeFleet(async (request) => {
        throw new Error(`cannot rank "${request.query}"`);
      }),
    );
    const answer = await call(at, { body: { query: 'hemlock', documents: ['nightshade'] } });
    expect(answer.status).toBe(500);
    expect(answer.json).toMatchObject({ error: { code: 'internal', type: 'server_error' } });
    expect(answer.text).not.toMatch(/hemlock|nightshade|cannot rank|rank-handler/);
    expect(at.observed.logLines).toHaveLength(1);
    expect(at.observed.logLines[0]).toContain(answer.headers['x-request-id']);
    expect(at.observed.logLines[0]).not.toMatch(/hemlock|nightshade/);
    expect(at.observed.finished).toMatchObject([{ code: 500, failure: 'internal' }]);
  });

  test('a crash answers in the shape of the dialect', async () => {
    const at = await start(fakeFleet(() => Promise.reject(new Error('x'))));
    const answer = await call(at, { body: { query: 'q', texts: ['a'] } });
    expect(answer.json).toMatchObject({ error_type: 'Backend' });
  });

  test('what is cancelled while its caller waits was interrupted: 503, to be asked again at once', async () => {
    const at = await start(failing({ code: 'cancelled', message: 'm' }));
    const answer = await call(at, { body });
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
    expect(answer.json).toMatchObject({
      error: { code: 'interrupted', message: 'The work was interrupted. Retry the request.' },
    });
    expect(at.observed.finished).toMatchObject([{ code: 503, failure: 'interrupted' }]);
    expect(await at.metricsPage()).toContain('reranker_rejected_total{reason="interrupted"} 1');
    expect(at.observed.logLines).toEqual([]);
  });
});

describe('a caller that goes away', () => {
  function neverRanking() {
    const signals: AbortSignal[] = [];
    const rank = (_request: unknown, { signal }: RankOptions): Promise<RankOutcome> => {
      signals.push(signal);
      return new Promise((resolve) =>
        signal.addEventListener('abort', () => resolve({ ok: false, failure: { code: 'cancelled', message: 'm' } })),
      );
    };
    return { fleet: fakeFleet(rank), signals };
  }

  test('aborts its ranking and counts once, as 499', async () => {
    const { fleet, signals } = neverRanking();
    const at = await start(fleet);
    const text = JSON.stringify(body);
    const socket = connect(at.port, '127.0.0.1');
    socket.write(`POST /rerank HTTP/1.1\r\nhost: x\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
    await until(() => signals.length === 1);
    expect(signals[0]?.aborted).toBe(false);
    socket.destroy();
    await until(() => at.observed.finished.length > 0);
    expect(signals[0]?.aborted).toBe(true);
    expect(at.observed.finished).toMatchObject([{ code: 499, endpoint: '/rerank', failure: 'cancelled' }]);
    expect(await at.metricsPage()).toContain('reranker_rejected_total{reason="client_gone"} 1');
    expect(at.observed.logLines).toEqual([]);
  });

  test('with several requests on its connection ends all of them', async () => {
    const { fleet, signals } = neverRanking();
    const at = await start(fleet);
    const text = JSON.stringify(body);
    const socket = connect(at.port, '127.0.0.1');
    const request = `POST /rerank HTTP/1.1\r\nhost: x\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
    socket.write(request.repeat(20));
    await until(() => signals.length === 20);
    socket.destroy();
    await until(() => at.observed.finished.length === 20);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    expect(at.observed.finished.every(({ code }) => code === 499)).toBe(true);
    expect(await at.metricsPage()).toContain('reranker_http_requests_in_flight{endpoint="/rerank"} 0');
  });

  test.each(['', 'content-encoding: gzip\r\n'])(
    'before its body is complete (%j) never reaches the fleet',
    async (encoding) => {
      const at = await start();
      const socket = connect(at.port, '127.0.0.1');
      socket.write(`POST /rerank HTTP/1.1\r\nhost: x\r\n${encoding}content-length: 50\r\n\r\n{`);
      await until(() => at.observed.started.length === 1);
      socket.destroy();
      await until(() => at.observed.finished.length > 0);
      expect(at.observed.finished).toMatchObject([{ code: 499 }]);
      expect(at.fleet.asked).toEqual([]);
    },
  );

  test('after its answer is no longer one', async () => {
    const at = await start();
    await call(at, { body });
    await until(() => at.observed.finished.length === 1);
    expect(at.fleet.asked[0]?.options.signal.aborted).toBe(false);
    expect(at.observed.finished).toMatchObject([{ code: 200 }]);
  });
});

describe('counting', () => {
  test('a request is counted once, under the template of its path', async () => {
    const at = await start();
    await call(at, { path: '//v1/rerank/?key=hemlock', body });
    await call(at, { path: '/nowhere/hemlock', body });
    await call(at, { path: '/v1/models/a/b', method: 'GET' });
    await call(at, { path: '/v1/rerank', method: 'GET' });
    await call(at, { path: '/v1/retrieval/hemlock/x/reranking', body: { query: 'q', passages: ['a'] } });
    const retrieval = '/v1/retrieval/{name}/reranking';
    expect(at.observed.started).toEqual(['/v1/rerank', 'other', '/v1/models/{name}', '/v1/rerank', retrieval]);
    expect(at.observed.finished.map(({ method, endpoint, code }) => [method, endpoint, code])).toEqual([
      ['POST', '/v1/rerank', 200],
      ['POST', 'other', 404],
      ['GET', '/v1/models/{name}', 404],
      ['GET', '/v1/rerank', 405],
      ['POST', retrieval, 200],
    ]);
    expect(await at.metricsPage()).not.toContain('hemlock');
  });

  test('a ranking is described once, by the bundle that scored', async () => {
    const at = await start();
    await call(at, { body: { query: '如何重启', documents: ['a', 'bcd'] } });
    await call(at, { body: { query: 'q', documents: [] } });
    expect(at.observed.rankings).toEqual([
      { model: 'multilingual-e5-small', queryType: 'howto', documentLengthsChars: [1, 3] },
    ]);
  });

  test('probes are not counted', async () => {
    const at = await start();
    await call(at, { path: '/health', method: 'GET' });
    await call(at, { path: '/ready', method: 'GET' });
    await call(at, { path: '/.well-known/ready', method: 'GET' });
    expect(at.observed.started).toEqual([]);
  });
});

describe('methods', () => {
  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s on a rank path is 405', async (method) => {
    const at = await start();
    const isPage = method === 'GET' || method === 'HEAD';
    for (const path of rankEndpoints.filter(({ isPageToo }) => !(isPage && isPageToo)).map(pathOf)) {
      const answer = await call(at, { path, method });
      expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
    }
  });
});

test('while draining every answer ends its connection', async () => {
  const at = await start();
  const keepAlive = { headers: { connection: 'keep-alive' } };
  expect((await call(at, { body, ...keepAlive })).headers.connection).toBe('keep-alive');
  at.startDraining();
  expect((await call(at, { body, ...keepAlive })).headers.connection).toBe('close');
  expect((await call(at, { path: '/v1/models', method: 'GET', ...keepAlive })).headers.connection).toBe('close');
});

test('an answer that was awaited when the drain began ends its connection too', async () => {
  let answer = (): void => undefined;
  const fleet = fakeFleet(
    (request, { requestId }) =>
      new Promise((resolve) => (answer = () => resolve({ ok: true, ranking: rankingOf(request, requestId) }))),
  );
  const at = await start(fleet);
  const awaited = call(at, { body, headers: { connection: 'keep-alive' } });
  await until(() => fleet.asked.length === 1);
  at.startDraining();
  answer();
  expect((await awaited).headers.connection).toBe('close');
});
