import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { RankOptions, RankOutcome } from '../rank/fleet';
import { call, fakeFleet, startEdge, until, type FakeFleet, type TestEdge } from '../testing';

let edge: TestEdge | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await edge?.close();
});

async function start(env: Record<string, string> = {}, fleet: FakeFleet = fakeFleet()): Promise<TestEdge> {
  edge = await startEdge({ env, fleet });
  return edge;
}

/** A connection, and what has come over it. */
function open(at: TestEdge, bytes: string | Buffer): { socket: Socket; received(): string; isClosed(): boolean } {
  let text = '';
  let isClosed = false;
  const socket = connect(at.port, '127.0.0.1');
  sockets.push(socket);
  socket
    .on('error', () => undefined)
    .on('data', (chunk) => (text += String(chunk)))
    .on('close', () => (isClosed = true));
  socket.write(bytes);
  return { socket, received: () => text, isClosed: () => isClosed };
}

const small = { query: 'q', documents: ['a', 'b'] };
const head = (headers: string, path = '/rerank') => `POST ${path} HTTP/1.1\r\nhost: x\r\n${headers}\r\n\r\n`;
const text = (body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body));
const whole = (body: unknown, headers = '', path = '/rerank') =>
  `${head(`${headers}content-length: ${Buffer.byteLength(text(body))}`, path)}${text(body)}`;

describe('slow uploads', () => {
  const env = { MAX_BODY_BYTES: '1000000', MAX_HELD_BYTES: '3000000' };
  const upload = (bytes: number) => `${head('content-length: 1000000')}{"query":"q","documents":["${'x'.repeat(bytes)}`;

  test('never hold more than the limit together; small requests are served meanwhile', async () => {
    const at = await start(env);
    const uploads = Array.from({ length: 60 }, () => open(at, upload(400_000)));
    let mostBytes = 0;
    let refused = 0;
    await until(() => {
      mostBytes = Math.max(mostBytes, at.heldBytes.now());
      refused = uploads.filter(({ received }) => received() !== '').length;
      return refused >= 53 && at.observed.started.length === 60;
    });
    expect(mostBytes).toBeLessThanOrEqual(3_000_000);
    expect(at.heldBytes.now()).toBeGreaterThan(2_000_000);

    expect((await call(at, { body: small })).status).toBe(200);
    expect((await call(at, { path: '/health', method: 'GET' })).status).toBe(200);
    // with room for less than itself, which the largest of the others makes
    expect((await call(at, { body: { query: 'q', documents: Array(4).fill('x'.repeat(90_000)) } })).status).toBe(200);

    for (const { received } of uploads.filter((one) => one.received() !== '')) {
      expect(received()).toMatch(/^HTTP\/1\.1 429 /);
      expect(received()).toMatch(/\r\nretry-after: [1-9]\d*\r\n/i);
      expect(received()).toContain('"code":"gateway_full"');
    }
    const page = await at.metricsPage();
    expect(page).toMatch(/reranker_rejected_total\{reason="gateway_full"\} 5\d/);
    expect(page).toMatch(/reranker_http_held_bytes [1-9]\d+/);
    for (const { socket } of uploads) socket.destroy();
    await until(() => at.heldBytes.now() === 0);
  });

  test('that were refused are discarded as they go on, and their connection serves the next request', async () => {
    const at = await start(env);
    const uploads = Array.from({ length: 10 }, () => open(at, upload(500_000)));
    await until(() => uploads.some(({ received }) => received() !== ''));
    const refused = uploads.find(({ received }) => received() !== '') as ReturnType<typeof open>;
    const heldBytes = at.heldBytes.now();
    const sent = upload(500_000).length - head('content-length: 1000000').length;
    refused.socket.write(Buffer.alloc(1_000_000 - sent, 'x'));
    refused.socket.write(whole(small));
    await until(() => refused.received().includes('HTTP/1.1 200 '));
    await until(() => at.heldBytes.now() <= heldBytes);
  });
});

describe('nothing is held any more', () => {
  const limits = {
    MAX_BODY_BYTES: '1000000',
    MAX_HELD_BYTES: '2000000',
    MAX_TEXT_CHARACTERS: '1000000',
    MAX_DOCUMENTS: '10',
    BODY_TIMEOUT_MS: '300',
    HEADERS_TIMEOUT_MS: '300',
  };
  const gzip = (body: unknown) => gzipSync(text(body));
  const gzipped = { 'content-encoding': 'gzip' };
  const large = { query: 'q', documents: ['x'.repeat(600_000)], return_documents: true };
  const feedback = { request_id: 'r', model: 'e5', results: [{ index: 0, rank: 1, clicked: true }] };

  const answered: [how: string, status: number, ...wire: Parameters<typeof call>[1][]][] = [
    ['a ranking', 200, { body: small }],
    ['a large ranking', 200, { body: large }],
    ['a ranking of a compressed body', 200, { body: gzip(small), headers: gzipped }],
    ['feedback', 200, { path: '/v1/feedback', body: feedback }],
    ['feedback that is not possible', 422, { path: '/v1/feedback', body: { ...feedback, results: [] } }],
    ['an impossible value', 422, { body: { ...small, top_n: -1 } }],
    ['a wrong type', 400, { body: { query: 'q', documents: 'a' } }],
    ['no JSON', 400, { body: '{' }],
    ['no UTF-8', 400, { body: Buffer.from('ff', 'hex') }],
    ['no gzip', 400, { body: '{}', headers: gzipped }],
    ['half a gzip', 400, { body: gzip(small).subarray(0, 20), headers: gzipped }],
    ['another encoding', 415, { body: small, headers: { 'content-encoding': 'br' } }],
    ['another type', 415, { body: small, headers: { 'content-type': 'text/plain' } }],
    ['a deep body', 422, { body: '['.repeat(900_000) }],
    ['too many values', 422, { body: { x: Array(100_000).fill(1) } }],
    ['too many documents', 413, { body: { query: 'q', documents: Array(11).fill('a') } }],
    ['a length that is too large', 413, { body: 'x'.repeat(1_000_001) }],
    ['a bomb', 413, { body: gzip('x'.repeat(5_000_000)), headers: gzipped }],
    ['values that take more than there is for all', 413, { body: { query: 'q', x: Array(99_000).fill(0) } }],
    ['another method', 405, { method: 'PUT', body: small }],
    ['no such path', 404, { path: '/nowhere', body: small }],
  ];
  test.each(answered)('after %s', async (_how, status, wire) => {
    const at = await start(limits);
    expect((await call(at, wire)).status).toBe(status);
    await until(() => at.heldBytes.now() === 0);
  });

  test.each([
    ['throws', 500, () => Promise.reject(new Error('x'))],
    ['refuses', 429, async () => ({ ok: false, failure: { code: 'queue_full', message: 'm' } }) as RankOutcome],
  ])('after the fleet %s', async (_what, status, rank) => {
    const at = await start(limits, fakeFleet(rank));
    expect((await call(at, { body: large })).status).toBe(status);
    await until(() => at.heldBytes.now() === 0);
  });

  test.each([
    ['plain', head('content-length: 1000'), '{"query":"'],
    ['chunked', head('transfer-encoding: chunked'), '3\r\n{"q\r\n'],
    ['gzip', head('content-encoding: gzip\r\ncontent-length: 1000'), gzip(small).subarray(0, 20)],
  ])('after a body that stops, %s: when its time is up, or its caller goes', async (_what, start_, part) => {
    const at = await start({ ...limits, BODY_TIMEOUT_MS: '60000' });
    const gone = open(at, start_);
    gone.socket.write(part);
    await until(() => at.heldBytes.now() > 0);
    gone.socket.destroy();
    await until(() => at.heldBytes.now() === 0);
    await at.close();

    const impatient = await start(limits);
    const slow = open(impatient, start_);
    slow.socket.write(part);
    await until(() => impatient.heldBytes.now() > 0);
    await until(() => impatient.heldBytes.now() === 0 && slow.received().startsWith('HTTP/1.1 408 '));
  });

  test('after a chunked body that is too large', async () => {
    const at = await start(limits);
    const { socket, received } = open(at, head('transfer-encoding: chunked'));
    for (let sent = 0; sent < 11; sent++) socket.write(`186a0\r\n${'x'.repeat(100_000)}\r\n`);
    await until(() => at.heldBytes.now() === 0 && received().startsWith('HTTP/1.1 413 '));
  });

  test('after a body that was given up for another', async () => {
    const at = await start({ ...limits, BODY_TIMEOUT_MS: '60000' });
    const part = `${head('content-length: 1000000')}${'x'.repeat(900_000)}`;
    const uploads = [open(at, part), open(at, part), open(at, part)];
    await until(() => uploads.some(({ received }) => received().startsWith('HTTP/1.1 429 ')));
    for (const { socket } of uploads) socket.destroy();
    await until(() => at.heldBytes.now() === 0);
  });

  test('after callers that went away while they were ranked, several on one connection among them', async () => {
    const signals: AbortSignal[] = [];
    const rank = (_request: unknown, { signal }: RankOptions): Promise<RankOutcome> => {
      signals.push(signal);
      return new Promise((resolve) =>
        signal.addEventListener('abort', () => resolve({ ok: false, failure: { code: 'cancelled', message: 'm' } })),
      );
    };
    const at = await start(limits, fakeFleet(rank));
    const callers = [open(at, whole(large)), open(at, whole(small).repeat(5))];
    await until(() => signals.length === 6);
    expect(at.heldBytes.now()).toBeGreaterThan(600_000);
    for (const { socket } of callers) socket.destroy();
    await until(() => at.heldBytes.now() === 0);
  });

  test('after callers that went away while large bodies wait for their turn', async () => {
    const at = await start(limits);
    const callers = Array.from({ length: 3 }, () => open(at, whole(large)));
    await until(() => at.heldBytes.now() > 0);
    for (const { socket } of callers) socket.destroy();
    await until(() => at.heldBytes.now() === 0 && at.observed.finished.length === at.observed.started.length);
  });

  test('after callers that do not read their answer: their connection is cut', async () => {
    const at = await start({
      ...limits,
      MAX_BODY_BYTES: '10000000',
      MAX_HELD_BYTES: '100000000',
      MAX_TEXT_CHARACTERS: '100000000',
    });
    // more than the buffers of a connection take: each backslash comes back as four
    const answers = 3;
    const body = text({ query: 'q', documents: [{ a: '\\'.repeat(4_000_000) }], return_documents: true });
    const { socket, isClosed } = open(at, '');
    socket.pause();
    for (let sent = 0; sent < answers; sent++) socket.write(whole(body));
    await until(() => at.fleet.asked.length > 0);
    await until(() => at.heldBytes.now() === 0);
    socket.resume();
    await until(isClosed);
  });
});

test('between large bodies that are complete together everything else is served', async () => {
  const at = await start({ MAX_TEXT_CHARACTERS: '1000000' });
  const body = text({ query: 'q', documents: ['x'.repeat(400_000)] });
  const uploads = Array.from({ length: 20 }, () => open(at, whole(body).slice(0, -1)));
  await until(() => at.heldBytes.now() >= 20 * (body.length - 1));
  for (const { socket } of uploads) socket.write(body.slice(-1));
  await call(at, { path: '/health', method: 'GET' });
  expect(at.fleet.asked.length).toBeLessThan(20);
  await until(() => uploads.every(({ received }) => received().startsWith('HTTP/1.1 200 ')));
});
