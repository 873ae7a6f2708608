import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSecret } from '@rerank-fleet/service-shell';
import { createGatewayClient } from './gateway-client';
import type { GoldenQuery } from './golden-set';

const query: GoldenQuery = {
  id: 'q-1',
  query: 'why?',
  documents: [
    { text: 'a', grade: 0 },
    { text: 'b', grade: 2 },
  ],
};

/** How the gateway answers a request. */
let reply: { status: number; body?: string; headers?: Record<string, string> } | 'hang';
let received: { headers: IncomingHttpHeaders; body: string };
let server: Server;
let url: string;
const { signal } = new AbortController();

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received = { headers: request.headers, body };
      if (reply !== 'hang') response.writeHead(reply.status, reply.headers).end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const client = (apiKey?: string) =>
  createGatewayClient({ url, apiKey: apiKey === undefined ? undefined : createSecret(apiKey), requestTimeoutMs: 200 });
const ranking = (...indices: number[]) =>
  JSON.stringify({ results: indices.map((index) => ({ index, relevance_score: 0.5 })) });

it('sends queries at the lowest priority, with its key and a limited wait', async () => {
  reply = { status: 200, body: ranking(1, 0) };
  expect(await client('k').rank({ query, model: 'tiny' }, signal)).toEqual({
    kind: 'ranked',
    ranking: [
      { index: 1, score: 0.5 },
      { index: 0, score: 0.5 },
    ],
  });
  expect(JSON.parse(received.body)).toEqual({ model: 'tiny', query: 'why?', documents: ['a', 'b'], priority: 999 });
  expect(received.headers).toMatchObject({ authorization: 'Bearer k', 'x-request-timeout-ms': '200' });
});

it.each([
  { status: 429, headers: { 'retry-after': '7' }, retryAfterMs: 7_000 },
  { status: 503, headers: {}, retryAfterMs: 1_000 },
  { status: 503, headers: { 'retry-after': 'Thu, 26 Nov 2026 12:00:00 GMT' }, retryAfterMs: 1_000 },
])('treats $status as a temporary refusal', async ({ status, headers, retryAfterMs }) => {
  reply = { status, headers, body: '{}' };
  expect(await client().rank({ query, model: 'tiny' }, signal)).toEqual({ kind: 'refused', status, retryAfterMs });
});

it.each([
  { what: 'an error', answer: { status: 500, body: '{}' } },
  { what: 'an answer that is not JSON', answer: { status: 200, body: '<html>' } },
  { what: 'an answer that is not a ranking', answer: { status: 200, body: '{"results":[{"index":0}]}' } },
  { what: 'an invalid score', answer: { status: 200, body: '{"results":[{"index":0,"relevance_score":2}]}' } },
  { what: 'a ranking that misses a document', answer: { status: 200, body: ranking(1) } },
  { what: 'a document twice', answer: { status: 200, body: ranking(1, 1) } },
])('treats $what as a failure', async ({ answer }) => {
  reply = answer;
  expect(await client().rank({ query, model: 'tiny' }, signal)).toEqual({ kind: 'failed', status: answer.status });
});

it('cancels a request to a gateway that does not answer when the signal aborts', async () => {
  reply = 'hang';
  const ending = new AbortController();
  const answer = client().rank({ query, model: 'tiny' }, ending.signal);
  ending.abort();
  expect(await answer).toEqual({ kind: 'failed', status: undefined });
});

it('lists the live models, and rejects when it cannot', async () => {
  const older = { id: 'tiny@1', version: '1', revision: 'q' };
  const data = [{ id: 'tiny', version: '2', revision: 'r', more: 1 }, older];
  reply = { status: 200, body: JSON.stringify({ data }) };
  expect(await client().models(signal)).toEqual([{ model: 'tiny', version: '2', revision: 'r' }]);
  reply = { status: 401, body: '{}' };
  await expect(client().models(signal)).rejects.toThrow('HTTP 401');
});
