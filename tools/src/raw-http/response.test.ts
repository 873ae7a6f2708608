import { parseResponse } from './response';

const usual = { bodiless: false, ended: false };
const parse = (text: string, options = usual) => parseResponse(Buffer.from(text, 'latin1'), options);
const whole = (text: string, options = usual) => {
  const parsed = parse(text, options);
  if (parsed.state !== 'whole') throw new Error(`this is ${parsed.state}`);
  const { status, headers, body } = parsed.response;
  return { status, headers: Object.fromEntries(headers), body: body.toString('latin1'), sizeBytes: parsed.sizeBytes };
};

it('reads an answer by its length, and ignores the bytes after it', () => {
  const text = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: a\r\nx: b\r\n\r\n{}';
  expect(whole(`${text}HTTP/1.1 200`)).toEqual({
    status: 200,
    headers: { 'content-length': '2', x: 'a, b' },
    body: '{}',
    sizeBytes: text.length,
  });
});

it('reads chunks, and skips an informational answer', () => {
  const text =
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 Bad\r\ntransfer-encoding: chunked\r\n\r\n3;x\r\nabc\r\n1\r\nd\r\n0\r\n\r\n';
  expect(whole(text)).toMatchObject({ status: 400, body: 'abcd', sizeBytes: text.length });
});

it.each([
  ['answers HEAD', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n', { bodiless: true, ended: false }],
  ['is 204', 'HTTP/1.1 204 No\r\n\r\n', usual],
  ['is 304', 'HTTP/1.1 304 Same\r\ncontent-length: 9\r\n\r\n', usual],
])('reads no body when it %s', (_what, text, options) => {
  expect(whole(text, options)).toMatchObject({ body: '', sizeBytes: text.length });
});

it('reads the body until the end when there is no length', () => {
  const text = 'HTTP/1.1 200 OK\r\n\r\nall of it';
  expect(parse(text)).toEqual({ state: 'part' });
  expect(whole(text, { bodiless: false, ended: true }).body).toBe('all of it');
});

it('distinguishes the beginning of an answer from other bytes', () => {
  const text = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';
  const states = Array.from({ length: text.length }, (_, length) => parse(text.slice(0, length)).state);
  expect(new Set(states)).toEqual(new Set(['part']));
  for (const garbage of [
    'ERROR',
    '{}',
    'HTTP/2 200\r\n\r\n',
    'HTTP/1.1 OK\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n',
  ]) {
    expect([garbage, parse(garbage).state]).toEqual([garbage, 'garbage']);
  }
});
