import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { call, startEdge, type TestEdge } from '../testing';

let edge: TestEdge;

beforeAll(async () => {
  edge = await startEdge({
    env: { MAX_BODY_BYTES: '250000', MAX_DOCUMENTS: '5', MAX_TEXT_CHARACTERS: '1000', BODY_TIMEOUT_MS: '200' },
  });
});
afterAll(() => edge.close());

const body = { query: 'q', documents: ['a', 'b'] };
const times = (count: number, text = 'a') => Array.from({ length: count }, () => text);

describe('a request past a limit is refused with its status, the field and the limit', () => {
  const nested = (levels: number) => `{"query":"q","documents":["a"],"x":${'['.repeat(levels)}${']'.repeat(levels)}}`;

  const rows: [what: string, sent: unknown, status: number, param: string, limit: number][] = [
    ['too many documents', { query: 'q', documents: times(6) }, 413, 'documents', 5],
    ['a body of too many bytes', `{"query":"q","documents":["a"],"x":"${'y'.repeat(250_000)}"}`, 413, 'body', 250_000],
    ['a long document', { query: 'q', documents: ['a', 'x'.repeat(1_001)] }, 422, 'documents[1]', 1_000],
    ['a long query', { query: 'x'.repeat(1_001), documents: ['a'] }, 422, 'query', 1_000],
    ['a long instruction', { ...body, instruction: 'x'.repeat(1_001) }, 422, 'instruction', 1_000],
    ['a long object document', { query: 'q', documents: [{ n: 'x'.repeat(1_000) }] }, 422, 'documents[0]', 1_000],
    ['a deep body', nested(20), 422, 'body', 20],
    ['a very deep body', nested(9_000), 422, 'body', 20],
    ['a body of too many values', { query: 'q', documents: ['a'], x: Array(100_000).fill(0) }, 422, 'body', 100_000],
  ];
  test.each(rows.map(([what, ...row]) => ({ what, row })))('$what', async ({ row: [sent, status, param, limit] }) => {
    const answer = await call(edge, { body: sent });
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject({ error: { param, limit } });
    expect(answer.text).toContain(`${limit}`);
  });

  test.each([
    ['as many documents as allowed', { query: 'q', documents: times(5) }],
    ['a document as long as allowed', { query: 'q', documents: ['x'.repeat(1_000)] }],
    ['a body as deep as allowed', nested(19)],
  ])('but not %s', async (_what, sent) => expect((await call(edge, { body: sent })).status).toBe(200));

  test('too many texts answer in the shape of TEI', async () => {
    const answer = await call(edge, { body: { query: 'q', texts: times(6) } });
    expect(answer.status).toBe(413);
    expect(answer.json).toEqual({
      error: '`texts` has 6 texts; the limit is 5.',
      error_type: 'Validation',
    });
  });
});

describe('values', () => {
  const rows: [what: string, sent: unknown, status: number, param: string][] = [
    ['documents of no list', { query: 'q', documents: 'a' }, 400, 'documents'],
    ['a number among the documents', { query: 'q', documents: ['a', 1] }, 400, 'documents[1]'],
    ['true among the documents', { query: 'q', documents: [true] }, 400, 'documents[0]'],
    ['null among the documents', { query: 'q', documents: [null] }, 400, 'documents[0]'],
    ['a list among the documents', { query: 'q', documents: [['a']] }, 400, 'documents[0]'],
    ['no documents at all', { query: 'q', documents: [] }, 422, 'documents'],
    ['a missing query', { documents: ['a'] }, 400, 'query'],
    ['a null query', { query: null, documents: ['a'] }, 400, 'query'],
    ['a number as query', { query: 1, documents: ['a'] }, 400, 'query'],
    ['an object without text as query', { query: {}, documents: ['a'] }, 400, 'query'],
    ['a negative top_n', { ...body, top_n: -1 }, 422, 'top_n'],
    ['a fractional top_n', { ...body, top_n: 1.5 }, 422, 'top_n'],
    ['a word as top_n', { ...body, top_n: 'two' }, 400, 'top_n'],
    ['no digit as top_n', { ...body, top_n: '' }, 400, 'top_n'],
    ['a sign in a text as top_n', { ...body, top_n: '+2' }, 400, 'top_n'],
    ['more digits than a number has', { ...body, top_n: '9'.repeat(33) }, 422, 'top_n'],
    ['an infinite top_n', '{"query":"q","documents":["a"],"top_n":1e999}', 422, 'top_n'],
    ['a priority past 999', { ...body, priority: 1_000 }, 422, 'priority'],
    ['a word as boolean', { ...body, return_documents: 'maybe' }, 400, 'return_documents'],
    ['a number as boolean', { ...body, raw_scores: 2 }, 400, 'raw_scores'],
    ['a text as use_activation', { ...body, use_activation: 'no' }, 400, 'use_activation'],
    ['a quoted priority past 999', { ...body, priority: '1000' }, 422, 'priority'],
    ['a number as model', { ...body, model: 5 }, 400, 'model'],
    ['numbers as rank_fields', { ...body, rank_fields: ['a', 2] }, 400, 'rank_fields[1]'],
    ['a negative max_tokens_per_doc', { ...body, max_tokens_per_doc: -5 }, 422, 'max_tokens_per_doc'],
    ['an empty query', { ...body, query: '' }, 422, 'query'],
    ['a query of white space', { ...body, query: { text: ' \u3000\n' } }, 422, 'query'],
    ['an image as the query', { ...body, query: { image: 'https://example.org/a.png' } }, 422, 'query'],
    ['an image as a document', { ...body, documents: ['a', { image_url: { url: 'x' } }] }, 422, 'documents[1]'],
  ];
  test.each(rows.map(([what, ...row]) => ({ what, row })))(
    '$what is refused by name',
    async ({ row: [sent, status, param] }) => {
      const answer = await call(edge, { body: sent });
      expect([answer.status, (answer.json as { error: { param: string } }).error.param]).toEqual([status, param]);
    },
  );

  test.each([
    ['empty documents', { query: 'q', documents: ['', ' '] }],
    ['NUL and a lone surrogate', '{"query":"q\\u0000","documents":["\\ud800","a\\u0000b"]}'],
    ['a huge top_n', '{"query":"q","documents":["a"],"top_n":1e300}'],
    [
      'keys of prototypes',
      '{"query":"q","documents":[{"__proto__":{"text":"x"}}],"__proto__":{"top_n":-1},"constructor":1}',
    ],
    ['a byte order mark', Buffer.from(`\ufeff${JSON.stringify(body)}`)],
  ])('%s is ranked', async (_what, sent) => {
    expect((await call(edge, { body: sent })).status).toBe(200);
  });

  test('a prototype in the body changes nothing outside it', async () => {
    await call(edge, { body: '{"query":"q","documents":["a"],"__proto__":{"polluted":1}}' });
    expect({}).not.toHaveProperty('polluted');
    expect(edge.fleet.asked.at(-1)?.request.topN).toBeUndefined();
  });

  test('what stands for the default model reaches the fleet as none', async () => {
    for (const model of [null, '', 'default', 'default/not-specified']) {
      await call(edge, { body: { ...body, model } });
      expect(edge.fleet.asked.at(-1)?.request.model).toBeUndefined();
    }
  });
});

describe('bodies', () => {
  test('what is not UTF-8 is refused with 400 that says so', async () => {
    // "怎样重置密码？" in GBK, and a character that stands for half of a pair
    for (const text of [Buffer.from('d4f5d1f9d6d8d6c3c3dcc2eba3bf', 'hex'), Buffer.from('eda080', 'hex')]) {
      const sent = Buffer.concat([Buffer.from('{"query":"'), text, Buffer.from('","documents":["a"]}')]);
      const answer = await call(edge, { body: sent });
      expect(answer.status).toBe(400);
      expect(answer.json).toMatchObject({
        error: { code: 'invalid_json', param: 'body', message: 'The body is not valid UTF-8.' },
      });
    }
    const answer = await call(edge, { body: { query: '怎样重置密码？', documents: ['在登录页选择忘记密码。', '🙂'] } });
    expect(answer.status).toBe(200);
  });

  test.each(['', ' ', '{', 'null', '[]', '"x"', '5', '{"query":"hemlock'])(
    '%j is refused with 400 and not quoted',
    async (sent) => {
      const answer = await call(edge, { body: sent });
      expect(answer.status).toBe(400);
      expect(answer.text).not.toContain('hemlock');
    },
  );

  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['identity', (bytes: Buffer) => bytes],
  ])('%s is accepted', async (encoding, encode) => {
    const bytes = encode(Buffer.from(JSON.stringify(body)));
    const answer = await call(edge, { body: bytes, headers: { 'content-encoding': encoding } });
    expect(answer.status).toBe(200);
  });

  test('a bomb is cut off at the limit after inflating', async () => {
    const bomb = gzipSync(Buffer.alloc(18_000_000, ' '));
    expect(bomb.length).toBeLessThan(250_000);
    const answer = await call(edge, { body: bomb, headers: { 'content-encoding': 'gzip' } });
    expect(answer.status).toBe(413);
    expect(answer.json).toMatchObject({ error: { code: 'body_too_large', param: 'body', limit: 250_000 } });
  });

  test.each([
    ['what is no gzip', 'gzip', Buffer.from('{"query":"q"}')],
    ['half a gzip', 'gzip', gzipSync(JSON.stringify(body)).subarray(0, 20)],
    ['what is no deflate', 'deflate', Buffer.from('{"query":"q"}')],
    ['half a deflate', 'deflate', deflateSync(JSON.stringify(body)).subarray(0, 20)],
    ['half a raw deflate', 'deflate', deflateRawSync(JSON.stringify(body)).subarray(0, 20)],
    ['a byte of deflate', 'deflate', Buffer.from('x')],
    ['nothing', 'deflate', Buffer.alloc(0)],
  ])('%s is refused with 400', async (_what, encoding, bytes) => {
    const answer = await call(edge, { body: bytes, headers: { 'content-encoding': encoding } });
    expect([answer.status, answer.json]).toMatchObject([400, { error: { code: 'invalid_json' } }]);
  });

  test.each([
    ['content-encoding', 'zstd'],
    ['content-encoding', 'gzip, gzip'],
    ['content-type', 'text/plain'],
    ['content-type', 'application/x-www-form-urlencoded'],
    ['content-type', 'application/json; charset=utf-16'],
    ['content-type', 'application/jsonx'],
  ])('%s: %s is refused with 415', async (name, value) => {
    const answer = await call(edge, { body, headers: { [name]: value } });
    expect(answer.status).toBe(415);
    expect(answer.json).toMatchObject({ error: { param: name } });
  });

  test.each(['application/json; charset=UTF-8', 'Application/JSON', 'application/vnd.api+json', 'text/json', ''])(
    'content-type "%s" is read as JSON',
    async (type) => expect((await call(edge, { body, headers: { 'content-type': type } })).status).toBe(200),
  );

  test('an absent content-type is read as JSON', async () => {
    const text = JSON.stringify(body);
    const answer = await raw(`POST /rerank HTTP/1.1\r\nhost: x\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('bodies that do not end', () => {
  test.each(['', 'content-encoding: gzip\r\n'])('a slow one (%j) is cut off with 408', async (encoding) => {
    const answer = await raw(`POST /rerank HTTP/1.1\r\nhost: x\r\n${encoding}content-length: 50\r\n\r\n{`);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 408']);
    expect(answer).toMatch(/connection: close/i);
    expect(answer).toContain('"code":"body_timeout"');
  });

  test('an endless one is answered with 413 while it still comes', async () => {
    const socket = connect(edge.port, '127.0.0.1');
    socket.write('POST /rerank HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
    const chunk = `1000\r\n${' '.repeat(0x1000)}\r\n`;
    const feed = setInterval(() => socket.write(chunk), 1);
    const answer = await firstBytes(socket);
    clearInterval(feed);
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('one that says it is too large is refused before it is sent', async () => {
    const socket = connect(edge.port, '127.0.0.1');
    socket.write('POST /rerank HTTP/1.1\r\nhost: x\r\ncontent-length: 250001\r\n\r\n');
    expect(await firstBytes(socket)).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  test.each([
    ['', Buffer.from('x'.repeat(260_000))],
    ['', Buffer.from('x'.repeat(3_000_000))],
    ['content-encoding: gzip\r\n', gzipSync(Buffer.alloc(18_000_000, ' '))],
    ['content-encoding: gzip\r\n', gzipSync(randomBytes(300_000))],
  ])('after a body that was too large (%j) the connection is still good', async (encoding, large) => {
    const chunked = Buffer.concat([
      Buffer.from(`POST /rerank HTTP/1.1\r\nhost: x\r\n${encoding}transfer-encoding: chunked\r\n\r\n`),
      Buffer.from(`${large.length.toString(16)}\r\n`),
      large,
      Buffer.from('\r\n0\r\n\r\n'),
    ]);
    const text = JSON.stringify(body);
    const next = `POST /rerank HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
    const answers = await raw(Buffer.concat([chunked, Buffer.from(next)]));
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
  });
});

/** Sends bytes as they are and returns what comes until the other side closes, or all of one answer's body is there. */
function raw(request: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(edge.port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text) => {
      answer += String(text);
      if (!/connection: close/i.test(String(request) + answer) && answer.endsWith('}')) socket.end();
    });
    socket.on('close', () => resolve(answer)).on('error', reject);
    socket.write(request);
  });
}

function firstBytes(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => socket.once('data', (bytes) => resolve(String(bytes))).once('error', reject));
}
