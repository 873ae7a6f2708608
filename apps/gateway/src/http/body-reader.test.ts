import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { randomBytes } from 'node:crypto';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { readBody } from './body-reader';
import { createHeldBytes } from './held-bytes';

const limits = { maxBodyBytes: 100, bodyTimeoutMs: 600_000 };

const hold = () => createHeldBytes(1_000_000).open();

function incoming(headers: Record<string, string> = {}): PassThrough & IncomingMessage {
  return Object.assign(new PassThrough(), { headers }) as unknown as PassThrough & IncomingMessage;
}

describe('readBody', () => {
  test('joins what comes in pieces', async () => {
    const request = incoming();
    const read = readBody(request, limits, hold());
    request.write('{"a"');
    request.end(':1}');
    expect(await read).toEqual({ ok: true, bytes: Buffer.from('{"a":1}') });
  });

  const compressed: [encoding: string, how: string, compress: (text: string) => Buffer][] = [
    ['gzip', 'gzip', gzipSync],
    ...[0, 1, 6, 9].flatMap((level): [string, string, (text: string) => Buffer][] => [
      ['deflate', `zlib ${level}`, (text) => deflateSync(text, { level, windowBits: 9 + (level % 7) })],
      ['deflate', `raw ${level}`, (text) => deflateRawSync(text, { level })],
    ]),
  ];
  test.each(compressed)('inflates %s (%s) that comes in pieces of any size', async (encoding, _how, compress) => {
    const text = `{"a":"${'hemlock '.repeat(10)}"}`;
    const bytes = compress(text);
    for (const first of [1, 2, 3, 10, bytes.length]) {
      const request = incoming({ 'content-encoding': encoding });
      const read = readBody(request, limits, hold());
      request.write(bytes.subarray(0, first));
      await new Promise((resolve) => setImmediate(resolve));
      request.end(bytes.subarray(first));
      expect(await read).toEqual({ ok: true, bytes: Buffer.from(text) });
    }
  });

  test('inflates what is much larger than it arrives, no faster than it is taken', async () => {
    const text = 'x'.repeat(3_000_000);
    const request = incoming({ 'content-encoding': 'deflate' });
    const read = readBody(request, { ...limits, maxBodyBytes: 4_000_000 }, createHeldBytes(4_000_000).open());
    const bytes = deflateRawSync(randomBytes(100_000).toString('hex') + text);
    for (let at = 0; at < bytes.length; at += 1_000) request.write(bytes.subarray(at, at + 1_000));
    request.end();
    expect(await read).toMatchObject({ ok: true, bytes: { length: 3_200_000 } });
  });

  test.each<Record<string, string>>([{}, { 'content-encoding': 'gzip' }])(
    'ends as cancelled when the caller goes away (%j)',
    async (headers) => {
      const request = incoming(headers);
      const read = readBody(request, limits, hold());
      request.write('{');
      request.destroy();
      expect(await read).toMatchObject({ ok: false, failure: { code: 'cancelled' } });
    },
  );

  test('a compressed body that inflates to nothing is bounded too', async () => {
    const request = incoming({ 'content-encoding': 'gzip' });
    const read = readBody(request, limits, hold());
    // Empty deflate blocks after the header: bytes without end, of which none comes out.
    request.write(Buffer.concat([gzipSync('').subarray(0, 10), Buffer.alloc(5_000).fill('\u0000\u0000\u0000\uffff')]));
    expect(await read).toMatchObject({ ok: false, failure: { code: 'body_too_large' } });
  });
});
