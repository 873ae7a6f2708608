import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createHttpServer } from './http-server';
import { closeServer, listen } from './listen';

const open: Server[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => closeServer(server, 0))));

/** What a server writes to a connection that sends this and is closed by it, or has one whole answer. */
async function answerOf(server: Server, text: string): Promise<string> {
  open.push(server);
  await listen(server, { host: '127.0.0.1', port: 0, fallback: false });
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('data', (bytes) => {
      answer += String(bytes);
      if (answer.endsWith('"}') || answer.endsWith('\r\n0\r\n\r\n')) socket.destroy();
    });
    socket.on('close', () => resolve(answer));
    socket.write(text);
  });
}

const options = { headersTimeout: 100, connectionsCheckingInterval: 50 };
const listener: RequestListener = (request, response) => {
  request.resume();
  response.setHeader('content-length', 14).end('{"from":"app"}');
};
const shellServer = () =>
  createHttpServer({ listener, options, answerRefusal: ({ code }) => ({ body: { code }, headers: { 'x-a': 'b' } }) });

const line = (target: string, headers = 'host: x\r\n') => `GET ${target} HTTP/1.1\r\n${headers}\r\n`;
const cases: [what: string, text: string, status: number, code: string][] = [
  ['silence', '', 408, 'headers_timeout'],
  ['half a request', 'GET / HTTP/1.1\r\n', 408, 'headers_timeout'],
  ['no HTTP', 'EHLO mail\r\n\r\n', 400, 'malformed_request'],
  ['headers of 20,000 bytes', line('/', `host: x\r\nx: ${'y'.repeat(20_000)}\r\n`), 431, 'headers_too_large'],
  ['no host', line('/', ''), 400, 'malformed_request'],
  ['an expectation', line('/', 'host: x\r\nexpect: more\r\n'), 417, 'expectation_failed'],
  ['a tunnel', 'CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n', 400, 'malformed_request'],
];

test.each(cases)('%s: the application says what Node would answer without a body, or not at all', async (...one) => {
  const [, text, status, code] = one;
  const answer = await answerOf(shellServer(), text);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer).toMatch(/^x-a: b\r$/m);
  expect(answer.endsWith(`\r\n\r\n{"code":"${code}"}`)).toBe(true);
  const bare = await answerOf(createServer(options, listener), text);
  expect(bare.split('\r\n\r\n')[1] ?? '').not.toContain('{');
});

test.each(['http://[::1/', 'http://x:99999/', 'ftp://x/'])('the address %s reaches no application', async (target) => {
  expect(await answerOf(shellServer(), line(target))).toContain('{"code":"malformed_request"}');
});

test.each(['/', '*', 'http://x', 'HTTPS://user:word@x/y?z', 'http://[::1]:80/'])('%s does', async (target) => {
  expect(await answerOf(shellServer(), line(target))).toMatch(/^HTTP\/1\.1 200 [^]*\{"from":"app"\}$/);
});

test('100-continue is met', async () => {
  const text = 'POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-Continue\r\ncontent-length: 1\r\n\r\n1';
  expect(await answerOf(shellServer(), text)).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
});

test('what comes after a request that could not be understood is not read', async () => {
  const answer = await answerOf(shellServer(), line('/', '') + line('/'));
  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400']);
});
