import { connect } from 'node:net';
import { startEdge, type TestEdge } from './testing';

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
