import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
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

  test('inflates what comes in pieces', async () => {
    const request = incoming({ 'content-encoding': 'gzip' });
    const read = readBody(request, limits, hold());
    const bytes = gzipSync('{"a":1}');
    request.write(bytes.subarray(0, 10));
    request.end(bytes.subarray(10));
    expect(await read).toEqual({ ok: true, bytes: Buffer.from('{"a":1}') });
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
