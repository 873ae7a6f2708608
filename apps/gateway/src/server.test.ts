import { connect } from 'node:net';
import { startEdge, until, type TestEdge } from './testing';

let edge: TestEdge;
beforeAll(async () => (edge = await startEdge({ env: { HEADERS_TIMEOUT_MS: '200', BODY_TIMEOUT_MS: '200' } })));
afterAll(() => edge.close());

/** Everything that comes until the server closes the connection. */
function answerTo(text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(edge.port, '127.0.0.1');
    socket.on('data', (bytes) => (answer += String(bytes))).on('close', () => resolve(answer));
    socket.write(text);
  });
}

test.each([
  ['headers that do not arrive', 'POST /rerank HTTP/1.1\r\nhost: x\r\n', 408],
  ['what is not HTTP', 'hemlock\r\n\r\n', 400],
  ['headers that are too large', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
  ['two lengths', 'POST /rerank HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', 400],
])('%s are answered in JSON and the connection is closed', async (_what, text, status) => {
  const answer = await answerTo(text);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer).toContain('application/json');
  expect(answer).not.toContain('hemlock');
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toHaveProperty('error.message');
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
