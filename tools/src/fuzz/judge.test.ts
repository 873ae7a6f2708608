import { type Server, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { readDescription } from './description';
import { type FuzzCase, bytesOf, usualCase } from './fuzz-case';
import { faultOf, readErrorCodes } from './judge';
import { faultOfMemory, faultOfPeak, peakBytes } from './memory';
import { createSender } from './sender';

const errorSchema = {
  type: 'object',
  properties: {
    error: {
      type: 'object',
      properties: { type: { type: 'string' }, code: { type: 'string' } },
      required: ['type', 'code'],
    },
  },
  required: ['error'],
};
const statusErrorSchema = {
  type: 'object',
  properties: { error: { type: 'object', properties: { code: { type: 'number' } }, required: ['code'] } },
  required: ['error'],
};
const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const refused = json({ $ref: '#/components/schemas/Error' });
const description = readDescription({
  openapi: '3.1.0',
  paths: {
    '/v1/rerank': {
      post: {
        requestBody: json({ type: 'object', properties: { query: { type: 'string' } } }),
        responses: {
          200: json({ type: 'object', required: ['results'] }),
          400: refused,
          429: refused,
          503: refused,
          504: refused,
        },
      },
    },
  },
  components: { schemas: { Error: errorSchema, StatusError: statusErrorSchema } },
});
const [operation] = description.operations;
const rules = { description, codes: readErrorCodes(join(__dirname, '../../..')) };

const usual: FuzzCase = usualCase({
  kind: 'field',
  bytes: bytesOf({ method: 'POST', target: '/v1/rerank', headers: [], body: Buffer.from('{"query":"zqmarkzq"}') }, 'h'),
  marker: 'zqmarkzq',
  operation,
});

const type = 'content-type: application/json\r\n';
const id = 'x-request-id: 1\r\n';

function answer(status: number, body: unknown, headers = type + id): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return `HTTP/1.1 ${status} X\r\n${headers}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

const error = (code: string) => ({ error: { type: 'invalid_request_error', code } });
/** The error of dialects that repeat the status instead of a code. */
const repeated = (status: number) => ({ error: { code: status, message: 'm' } });
const retryAfter = `${type}${id}retry-after: 2\r\n`;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** The fault that is found when a stub answers with these bytes; undefined: the stub closes the connection. */
async function faultAt(bytes: string | undefined, changes: Partial<FuzzCase> = {}): Promise<string | undefined> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => (bytes === undefined ? socket.destroy() : socket.write(bytes, 'latin1')));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sender = createSender({ open: url, keyed: url });
  const { reception, fault } = await sender.send({ ...usual, ...changes });
  sender.close();
  return faultOf(rules, { ...usual, ...changes }, reception) ?? fault;
}

it.each<[string, string, Partial<FuzzCase>]>([
  ['a ranking', answer(200, { results: [] }), {}],
  ['a refusal with a code of the page', answer(400, error('invalid_json')), {}],
  ['a full queue with Retry-After', answer(429, error('queue_full'), retryAfter), {}],
  ['a timeout of a request with a short wait', answer(504, error('deadline_exceeded')), { kind: 'header' }],
  ['a status that a dialect repeats', answer(404, repeated(404)), { also: [404] }],
  ['a status that the case allows', answer(404, error('route_not_found')), { also: [404] }],
  ['no body when none is allowed', 'HTTP/1.1 400 X\r\ncontent-length: 9\r\n\r\n', { bodiless: true }],
])('finds nothing wrong with %s', async (_what, bytes, changes) => {
  expect(await faultAt(bytes, changes)).toBeUndefined();
});

it.each<[string, string | undefined, { as: RegExp; of?: Partial<FuzzCase> }]>([
  ['500', answer(500, error('internal')), { as: /status 500/ }],
  ['500 although the description has it', answer(500, error('internal')), { as: /status 500/, of: { also: [500] } }],
  ['502', answer(502, error('internal')), { as: /status 502/ }],
  ['an undescribed status', answer(418, error('invalid_json')), { as: /status 418/ }],
  ['503 without Retry-After', answer(503, error('redis_away')), { as: /503 without Retry-After/ }],
  ['504 without a short wait', answer(504, error('deadline_exceeded')), { as: /504 although/ }],
  ['a text of the request in a body', answer(400, { ...error('invalid_json'), a: 'zqmarkzq?' }), { as: /quotes/ }],
  ['a text of the request in a header', answer(400, error('invalid_json'), 'x: zqmarkzq\r\n'), { as: /quotes/ }],
  ['a web page', answer(400, '<html>', `${id}content-type: text/html\r\n`), { as: /not JSON/ }],
  ['a refusal without a body', answer(400, '', id), { as: /not JSON/ }],
  ['a refusal without an id', answer(400, error('invalid_json'), type), { as: /400 without x-request-id/ }],
  [
    'a different status in the body',
    answer(404, repeated(400)),
    { as: /404 with 400 in the body/, of: { also: [404] } },
  ],
  [
    'malformed HTTP that is refused without a code',
    answer(404, repeated(404)),
    { as: /404 without a code/, of: { kind: 'raw', also: [404] } },
  ],
  ['broken JSON', answer(400, '{"error"'), { as: /not JSON/ }],
  ['an error of another shape', answer(400, { oops: true }), { as: /not as described/ }],
  ['an error of no described shape', answer(404, { oops: true }), { as: /not a described error/, of: { also: [404] } }],
  ['an unknown code', answer(400, error('no_such_code')), { as: /the code no_such_code/ }],
  ['the code of another status', answer(400, error('invalid_value')), { as: /the code invalid_value/ }],
  ['a ranking of another shape', answer(200, {}), { as: /not as described/ }],
  ['no answer', undefined, { as: /no answer/ }],
  ['bytes that are not HTTP', 'ERROR\r\n\r\n', { as: /not HTTP/ }],
  ['two answers', answer(200, { results: [] }) + answer(200, { results: [] }), { as: /more than one/ }],
  [
    'a connection that stays open',
    answer(400, error('invalid_json')),
    { as: /stays open/, of: { kind: 'raw', mustClose: true } },
  ],
])('finds %s', async (_what, bytes, { as, of }) => {
  expect(await faultAt(bytes, of)).toMatch(as);
});

it('requires no answer to an incomplete request', async () => {
  expect(await faultAt(undefined, { isWhole: false })).toBeUndefined();
});

it('distinguishes growing memory from memory that goes up and down', () => {
  const saw = Array.from({ length: 40 }, (_, at) => 150e6 + (at % 7) * 30e6);
  expect(faultOfMemory('gateway', saw)).toBeUndefined();
  expect(
    faultOfMemory(
      'gateway',
      saw.map((bytes, at) => bytes + at * 10e6),
    ),
  ).toBe('gateway had 290 MB early and 500 MB late');
  expect(faultOfMemory('gateway', [1, 100])).toBeUndefined();
});

it('detects a process whose peak memory exceeds the limit of a gateway', () => {
  expect(peakBytes(process.pid)).toBeGreaterThanOrEqual(process.memoryUsage.rss() * 0.5);
  expect(faultOfPeak('gateway', 1e9)).toBeUndefined();
  expect(faultOfPeak('gateway', 1.2e9)).toBe('gateway had 1200 MB, of 1000 MB');
});
