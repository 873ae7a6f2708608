import type { ErrorCode } from '@rerank-fleet/contract';
import { errorCodes, sigmoid } from '@rerank-fleet/contract';
import type { CallOptions } from './call';
import { rank } from './client';
import type { FailureKind } from './failure';
import { type Reply, type StandIn, startStandIn } from './testing';

let gateway: StandIn;
let reply: Reply | undefined;
const options = (more: Partial<CallOptions> = {}): CallOptions => ({
  baseUrl: gateway.url,
  signal: new AbortController().signal,
  ...more,
});

beforeEach(async () => {
  reply = { headers, body: answer };
  gateway = await startStandIn(() => reply);
});
afterEach(() => gateway.close());

const request = { model: 'e5', query: 'q', documents: ['one', 'two', 'three'], instruction: 'find' };
const answer = {
  id: 'rerank-1',
  model: 'e5',
  model_version: '2',
  results: [
    { index: 2, relevance_score: 0.9 },
    { index: 0, relevance_score: 0.5 },
    { index: 1, relevance_score: 0 },
  ],
  usage: { prompt_tokens: 34, completion_tokens: 0, total_tokens: 34 },
  truncated: [{ index: 1, tokens: 900, kept_tokens: 508, kept_characters: 2310 }],
  tokens: { query: 7, documents: [12, null, 15] },
};
const headers = {
  'x-request-id': 'id-1',
  'x-total-time': '10.50',
  'x-queue-time': '1.50',
  'x-tokenization-time': '0.25',
  'x-inference-time': '6.00',
};

describe('a ranking', () => {
  test('is asked for with the tokens of each document, under the path of the page', async () => {
    await rank(request, options({ baseUrl: `${gateway.url}behind/a/proxy/?x#y`, apiKey: ' k-1 ', timeoutMs: 250.4 }));
    const [seen] = gateway.requests;
    expect(seen).toMatchObject({
      method: 'POST',
      path: '/behind/a/proxy/v1/rerank',
      headers: {
        'content-type': 'application/json',
        authorization: 'Bearer k-1',
        'x-request-timeout-ms': '250',
      },
    });
    expect(JSON.parse(seen?.body ?? '')).toEqual({ ...request, return_tokens: true });
  });

  test('of the default model without instruction, key and time-out leaves these out', async () => {
    await rank({ ...request, model: '', instruction: '' }, options({ apiKey: '' }));
    const [seen] = gateway.requests;
    expect(JSON.parse(seen?.body ?? '')).toEqual({ query: 'q', documents: request.documents, return_tokens: true });
    expect(seen?.headers).not.toHaveProperty('authorization');
    expect(seen?.headers).not.toHaveProperty('x-request-timeout-ms');
  });

  test.each([
    [1, '100'],
    [1e9, '900000'],
  ])('bounds a time-out of %d ms to what the gateway takes', async (timeoutMs, sent) => {
    await rank(request, options({ timeoutMs }));
    expect(gateway.requests[0]?.headers['x-request-timeout-ms']).toBe(sent);
  });

  test('comes with scores, tokens, cuts and times', async () => {
    const result = await rank(request, options());
    expect(result).toEqual({
      ok: true,
      value: {
        requestId: 'id-1',
        model: 'e5@2',
        modelName: 'e5',
        results: [
          { index: 2, score: 0.9, logit: expect.closeTo(Math.log(9), 12) as unknown, tokens: 15 },
          { index: 0, score: 0.5, logit: 0, tokens: 12 },
          { index: 1, score: 0, logit: null, tokens: null },
        ],
        order: [2, 0, 1],
        truncated: [{ index: 1, tokens: 900, keptTokens: 508, keptCharacters: 2310 }],
        queryTokens: 7,
        totalTokens: 34,
        timings: { queueMs: 1.5, tokenizationMs: 0.25, inferenceMs: 6, totalMs: 10.5, otherMs: 2.75 },
        roundTripMs: expect.any(Number) as unknown,
        answer: JSON.stringify(answer),
      },
    });
  });

  test('has the logit of which the score is the sigmoid', async () => {
    const logits = [-18, 0.25, 30];
    const results = logits.map((logit, index) => ({ index, relevance_score: sigmoid(logit) }));
    reply = { headers, body: { ...answer, results } };
    const result = await rank(request, options());
    const given = result.ok ? result.value.results.map(({ logit }) => logit) : [];
    expect(given).toEqual(logits.map((logit) => expect.closeTo(logit, 2) as unknown));
  });

  test.each([1, 1.5, -1])('has no logit for a score of %d', async (score) => {
    reply = { headers, body: { ...answer, results: [{ index: 0, relevance_score: score }] } };
    const result = await rank({ ...request, documents: ['one'] }, options());
    // two cuts and three token counts do not fit one document
    expect(result.ok).toBe(false);
    reply = {
      headers,
      body: { ...answer, truncated: undefined, tokens: undefined, results: [{ index: 0, relevance_score: score }] },
    };
    const plain = await rank({ ...request, documents: ['one'] }, options());
    expect(plain).toMatchObject({
      ok: true,
      value: { results: [{ score, logit: null, tokens: null }], truncated: [] },
    });
  });

  test('takes the time that no part accounts for as other, never less than none', async () => {
    reply = { headers: { ...headers, 'x-total-time': '7.00' }, body: answer };
    expect(await rank(request, options())).toMatchObject({ value: { timings: { totalMs: 7, otherMs: 0 } } });
  });

  test.each(['x-total-time', 'x-queue-time', 'x-tokenization-time', 'x-inference-time'])(
    'has no times when %s is lost or unreadable',
    async (name) => {
      const { [name]: _, ...others } = headers as Record<string, string>;
      reply = { headers: others, body: answer };
      expect(await rank(request, options())).toMatchObject({ ok: true, value: { timings: null } });
      reply = { headers: { ...headers, [name]: '-1' }, body: answer };
      expect(await rank(request, options())).toMatchObject({ ok: true, value: { timings: null } });
    },
  );

  test('may come without tokens, cuts and a request id', async () => {
    const { truncated: _truncated, tokens: _tokens, ...body } = answer;
    reply = { body };
    expect(await rank(request, options())).toMatchObject({
      ok: true,
      value: { requestId: null, truncated: [], queryTokens: null, results: [{ tokens: null }, {}, {}] },
    });
  });
});

describe('an answer of success is unexpected', () => {
  test.each(['model', 'model_version', 'results', 'usage'])('without %s', async (name) => {
    const { [name]: _, ...body } = answer as Record<string, unknown>;
    reply = { headers, body };
    expect(await rank(request, options())).toEqual({
      ok: false,
      failure: { kind: 'unexpected', message: null, requestId: 'id-1', status: 200 },
    });
  });

  const [best, second, last] = answer.results;
  test.each([
    ['a document missing', { results: [best, second] }],
    ['a document twice', { results: [best, second, second] }],
    ['a document once more', { results: [best, second, last, last] }],
    ['a document too many', { results: [best, second, last, { index: 3, relevance_score: 0 }] }],
    ['a document that was not sent', { results: [best, second, { index: 3, relevance_score: 0 }] }],
    ['a score that is no number', { results: [best, second, { index: 1, relevance_score: '0' }] }],
    ['tokens of other documents', { tokens: { query: 1, documents: [1] } }],
    ['tokens that are no number', { tokens: { query: 1, documents: [1, 2, 'x'] } }],
    ['a cut of a document that was not sent', { truncated: [{ ...answer.truncated[0], index: 3 }] }],
    ['a cut without its position', { truncated: [{ index: 0, tokens: 9, kept_tokens: 8 }] }],
  ])('with %s', async (_, wrong) => {
    reply = { headers, body: { ...answer, ...wrong } };
    expect(await rank(request, options())).toMatchObject({ ok: false, failure: { kind: 'unexpected' } });
  });

  test.each(['<!doctype html>', '', '[]', 'null'])('that is %p', async (body) => {
    reply = { body };
    expect(await rank(request, options())).toMatchObject({ ok: false, failure: { kind: 'unexpected', status: 200 } });
  });
});

/** Status and kind of every code of the gateway. */
const expectedByCode: Record<ErrorCode, [number, FailureKind]> = {
  malformed_request: [400, 'invalid'],
  invalid_json: [400, 'invalid'],
  invalid_type: [400, 'invalid'],
  invalid_value: [422, 'invalid'],
  query_too_long: [422, 'invalid'],
  unauthorized: [401, 'unauthorized'],
  origin_not_allowed: [403, 'server'],
  route_not_found: [404, 'not_found'],
  model_not_found: [404, 'not_found'],
  method_not_allowed: [405, 'invalid'],
  headers_timeout: [408, 'timeout'],
  body_timeout: [408, 'timeout'],
  body_too_large: [413, 'too_large'],
  too_many_documents: [413, 'too_large'],
  too_many_tokens: [413, 'too_large'],
  unsupported_media_type: [415, 'invalid'],
  expectation_failed: [417, 'invalid'],
  headers_too_large: [431, 'too_large'],
  queue_full: [429, 'overloaded'],
  gateway_full: [429, 'overloaded'],
  no_worker: [503, 'no_worker'],
  redis_away: [503, 'queue_away'],
  interrupted: [503, 'server'],
  deadline_exceeded: [504, 'timeout'],
  cancelled: [499, 'cancelled'],
  unsupported_job_version: [500, 'server'],
  invalid_score: [500, 'server'],
  internal: [500, 'server'],
};

/** An error in the documents dialect. */
function error(code: string, more: object = {}): object {
  const message = `Said of ${code}.`;
  return { message, detail: message, error: { message, type: 'some_error', code, param: null, ...more } };
}

describe('a refusal', () => {
  test.each(errorCodes)('of code %s has its kind, message and request id', async (code) => {
    const [status, kind] = expectedByCode[code];
    reply = { status, headers: { 'x-request-id': 'id-2' }, body: error(code) };
    expect(await rank(request, options())).toMatchObject({
      ok: false,
      failure: { kind, status, message: `Said of ${code}.`, requestId: 'id-2' },
    });
  });

  test.each(['queue_full', 'gateway_full', 'no_worker', 'redis_away'] as const)(
    'of code %s tells when to try again',
    async (code) => {
      const refuse = async (retryAfter?: string) => {
        reply = {
          status: expectedByCode[code][0],
          headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
          body: error(code),
        };
        return await rank(request, options());
      };
      expect(await refuse('7')).toMatchObject({ failure: { retryAfterS: 7 } });
      expect(await refuse()).toMatchObject({ failure: { retryAfterS: null } });
      expect(await refuse('soon')).toMatchObject({ failure: { retryAfterS: null } });
      expect(await refuse('Wed, 21 Oct 2015 07:28:00 GMT')).toMatchObject({ failure: { retryAfterS: 0 } });
    },
  );

  test('of a field names it with its limit', async () => {
    reply = { status: 413, body: error('too_many_documents', { param: 'documents', limit: 1000 }) };
    expect(await rank(request, options())).toMatchObject({ failure: { field: 'documents', limit: 1000 } });
    reply = { status: 422, body: error('invalid_value') };
    expect(await rank(request, options())).toMatchObject({ failure: { field: null, limit: null } });
  });

  test.each([
    [418, 'invalid'],
    [429, 'overloaded'],
    [500, 'server'],
    [504, 'timeout'],
  ])('of a code that the page does not know goes by its status %d', async (status, kind) => {
    reply = { status, body: error('constructor') };
    expect(await rank(request, options())).toMatchObject({ failure: { kind, message: 'Said of constructor.' } });
  });

  test.each([
    [400, 'unexpected'],
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [404, 'unexpected'],
    [408, 'timeout'],
    [413, 'too_large'],
    [429, 'overloaded'],
    [500, 'unexpected'],
    [502, 'unexpected'],
    [503, 'unexpected'],
    [504, 'timeout'],
  ])('of a proxy with status %d is %s', async (status, kind) => {
    reply = { status, body: '<h1>Something between</h1>' };
    expect(await rank(request, options())).toMatchObject({ ok: false, failure: { kind, status, message: null } });
    reply = { status, body: { error: 'in another shape' } };
    expect(await rank(request, options())).toMatchObject({ ok: false, failure: { kind, status, message: null } });
  });
});

describe('a call without an answer', () => {
  const nothing = { message: null, requestId: null, status: null };

  test('is offline when no server listens', async () => {
    await gateway.close();
    expect(await rank(request, options())).toEqual({ ok: false, failure: { kind: 'offline', ...nothing } });
  });

  test('is offline for an address that is none', async () => {
    expect(await rank(request, options({ baseUrl: 'nowhere' }))).toMatchObject({ failure: { kind: 'offline' } });
  });

  test('is cancelled by its caller, before or while it waits', async () => {
    reply = undefined;
    const cancelled = { ok: false, failure: { kind: 'cancelled', ...nothing } };
    expect(await rank(request, options({ signal: AbortSignal.abort() }))).toEqual(cancelled);
    expect(gateway.requests).toHaveLength(0);

    const caller = new AbortController();
    const waiting = rank(request, options({ signal: caller.signal }));
    while (gateway.requests.length === 0) await new Promise(setImmediate);
    caller.abort();
    expect(await waiting).toEqual(cancelled);
  });

  test('runs into a time-out some seconds after the gateway should have answered', async () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    const fetched = jest.spyOn(globalThis, 'fetch').mockImplementation(
      (_, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    );
    try {
      let result: unknown;
      const waiting = rank(request, options({ timeoutMs: 1_000 })).then((value) => (result = value));
      await jest.advanceTimersByTimeAsync(5_999);
      expect(result).toBeUndefined();
      await jest.advanceTimersByTimeAsync(1);
      await waiting;
      expect(result).toEqual({ ok: false, failure: { kind: 'timeout', ...nothing } });
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      fetched.mockRestore();
      jest.useRealTimers();
    }
  });

  test('leaves neither timer nor listener behind', async () => {
    const { signal } = new AbortController();
    const added = jest.spyOn(signal, 'addEventListener');
    const removed = jest.spyOn(signal, 'removeEventListener');
    const cleared = jest.spyOn(globalThis, 'clearTimeout');
    await rank(request, options({ signal, timeoutMs: 60_000 }));
    expect(cleared).toHaveBeenCalled();
    expect(removed.mock.calls).toEqual(added.mock.calls);
    cleared.mockRestore();
  });

  test.each(['“k”', 'k\nx', '钥匙'])(
    'is unauthorized at once with the key %p, which no header can carry',
    async (apiKey) => {
      expect(await rank(request, options({ apiKey }))).toEqual({
        ok: false,
        failure: { kind: 'unauthorized', ...nothing },
      });
      expect(gateway.requests).toHaveLength(0);
    },
  );
});
