import { connect } from 'node:net';
import { httpRefusals } from '@rerank-fleet/service-shell';
import { statusOf } from './failure';
import { startEdge, until, type TestEdge } from '../testing';

let edge: TestEdge;
beforeAll(async () => (edge = await startEdge({ env: { HEADERS_TIMEOUT_MS: '200', BODY_TIMEOUT_MS: '200' } })));
afterAll(() => edge.close());

/** The first answer, or what comes until the server closes the connection. */
function answerTo(text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(edge.port, '127.0.0.1');
    socket.on('data', (bytes) => {
      answer += String(bytes);
      const [head = '', body] = answer.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      if (body !== undefined && body.length >= length) socket.destroy();
    });
    socket.on('close', () => resolve(answer));
    socket.write(text);
  });
}

const get = (target: string, headers = 'host: x\r\n') => `GET ${target} HTTP/1.1\r\n${headers}\r\n`;
const long = 'hemlock'.repeat(3_000);
const malformed = { status: 400, code: 'malformed_request' };
const notFound = { status: 404, code: 'route_not_found' };

/** What Node or Express would answer in their own way, or not at all. */
const belowRoutes: [what: string, text: string, told: { status: number; code: string }][] = [
  ['headers that do not arrive', 'POST /rerank HTTP/1.1\r\nhost: x\r\n', { status: 408, code: 'headers_timeout' }],
  ['what is not HTTP', 'hemlock\r\n\r\n', malformed],
  ['a header that is too large', get('/', `host: x\r\nx: ${long}\r\n`), { status: 431, code: 'headers_too_large' }],
  ['a path that is too long', get(`/${long}`), { status: 431, code: 'headers_too_large' }],
  ['two lengths', get('/rerank', 'host: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n'), malformed],
  ['no host', get('/health', ''), malformed],
  ['no host where none is needed', 'GET /hemlock HTTP/1.0\r\n\r\n', notFound],
  ['an expectation', get('/health', 'host: x\r\nexpect: hemlock\r\n'), { status: 417, code: 'expectation_failed' }],
  ['an empty expectation', get('/', 'host: x\r\nexpect:\r\n'), { status: 417, code: 'expectation_failed' }],
  ['an expectation and no host', get('/health', 'expect: hemlock\r\n'), malformed],
  ['a tunnel', 'CONNECT hemlock:443 HTTP/1.1\r\nhost: x\r\n\r\n', malformed],
  ['a host and port alone', get('hemlock:443'), malformed],
  ['an address that does not parse', get('http://[::1/v1/models'), malformed],
  ['an impossible port', get('http://hemlock:99999/v1/models'), malformed],
  ['another protocol', get('ftp://hemlock/v1/models'), malformed],
  ['an address without a host', get('http://?hemlock'), malformed],
  ['an address that one parser takes and another does not', get('http://u%@hemlock/hemlock'), notFound],
  ['a path that does not decode', get('/docs/%hemlock'), { status: 422, code: 'invalid_value' }],
  ['an asterisk', get('*'), notFound],
  ['all options', 'OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n', notFound],
  ['a trace', 'TRACE /v1/models HTTP/1.1\r\nhost: x\r\n\r\n', { status: 405, code: 'method_not_allowed' }],
  ['an upgrade', get('/hemlock', 'host: x\r\nupgrade: h2c\r\nconnection: upgrade\r\n'), notFound],
];

test.each(belowRoutes)('%s: a documented error with an id, which is counted', async (_what, text, { status, code }) => {
  edge.observed.finished.length = 0;
  const answer = await answerTo(text);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer).toMatch(/^content-type: application\/json; charset=utf-8\r$/im);
  expect(answer).toMatch(/^x-request-id: [0-9a-f-]{36}\r$/im);
  expect(answer).not.toContain('hemlock');
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ message: expect.any(String), error: { code } });
  expect(edge.observed.finished).toEqual([expect.objectContaining({ code: status, failure: code })]);
});

test('an address without a path is that of the page', async () => {
  for (const target of ['http://host', 'http://host?x', '/']) {
    expect(await answerTo(get(target))).toMatch(/^HTTP\/1\.1 200 [^]*<!doctype html>/);
  }
});

test('the path decides the shape of what is refused before it is looked up, where it could be read', async () => {
  const headers = 'host: x\r\nexpect: hemlock\r\n';
  const shapes: [target: string, shape: object][] = [
    ['/voyage/v1/rerank', { detail: expect.any(String), message: expect.any(String) }],
    ['/hf/rerank', { error: expect.any(String), error_type: 'Validation' }],
    ['/pinecone/rerank', { error: { code: 'INVALID_ARGUMENT', message: expect.any(String) }, status: 417 }],
    ['http://x/api/v1/rerank', { error: { code: 417 } }],
  ];
  for (const [target, shape] of shapes) {
    const answer = await answerTo(get(target, headers));
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject(shape);
  }
});

test('a body that breaks off is answered in the shape of its path, and counted once', async () => {
  edge.observed.finished.length = 0;
  const head = 'POST /voyage/v1/rerank HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
  const answer = await answerTo(`${head}transfer-encoding: chunked\r\n\r\nxyz\r\n`);
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toEqual({
    detail: expect.any(String),
    message: expect.any(String),
  });
  await until(() => edge.observed.finished.length > 0);
  expect(edge.observed.finished).toHaveLength(1);
});

test('every refusal of the server has the status of its code', () => {
  for (const { code, status } of Object.values(httpRefusals)) expect(statusOf[code]).toBe(status);
});

test('connections that were refused are closed, though the other side never closes them', async () => {
  const kinds: [what: string, sent: string, again?: string][] = [
    ['silent', ''],
    ['half a request line', 'POST /rer'],
    ['half a header', 'POST /rerank HTTP/1.1\r\nhost: x\r\nx: '],
    ['a byte now and then', 'POST /rerank HTTP/1.1\r\nx: ', 'y'],
    ['garbage', 'hemlock\r\n\r\n'],
    ['garbage now and then', 'hemlock\r\n\r\n', 'hemlock\r\n\r\n'],
    ['a TLS hello', '\u0016\u0003\u0001\u0002\u0000'],
    ['headers that are too large', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}`],
    ['garbage after a request', 'GET /health HTTP/1.1\r\nhost: x\r\n\r\nhemlock\r\n\r\n'],
  ];
  const answered = new Set<number>();
  const sockets = kinds.map(([, sent], at) => {
    const socket = connect({ port: edge.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined).on('data', () => answered.add(at));
    socket.write(sent);
    return socket;
  });
  const dribble = setInterval(() => kinds.forEach(([, , again], at) => again && sockets[at]?.write(again)), 50);
  await until(() => answered.size === kinds.length);
  while ((await edge.connections()) > 0) await new Promise((resolve) => setImmediate(resolve));
  clearInterval(dribble);
  for (const socket of sockets) socket.destroy();
});

test('a caller that goes on sending after its answer is cut off', async () => {
  const socket = connect(edge.port, '127.0.0.1').on('error', () => undefined);
  socket.write('POST /nowhere HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
  const feed = setInterval(() => socket.write('1\r\n \r\n'), 5);
  let answer = '';
  socket.on('data', (bytes) => (answer += String(bytes)));
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(feed);
  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 404']);
});
