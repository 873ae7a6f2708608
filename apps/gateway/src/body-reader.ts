import type { IncomingMessage } from 'node:http';
import { createGunzip, createInflate } from 'node:zlib';
import type { Failure } from '@rerank-fleet/contract';
import { refused } from './failure';

/** Bounds on a body. */
export interface BodyLimits {
  /** Bytes after inflating; a compressed body may not be longer either. */
  maxBodyBytes: number;
  /** Time for the whole body to arrive, from the call. */
  bodyTimeoutMs: number;
}

/** The bytes of a body, inflated. */
export type BodyResult = { ok: true; bytes: Buffer } | { ok: false; failure: Failure };

type Encoding = 'identity' | 'gzip' | 'deflate';

const encodings: ReadonlyMap<string, Encoding> = new Map([
  ['', 'identity'],
  ['identity', 'identity'],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
]);

/**
 * Reads a body whole, inflating it if its encoding says so. Fails as data: `unsupported_media_type`, `body_too_large`
 * (as soon as the limit is passed), `body_timeout`, `invalid_json` (bytes that do not inflate), and `cancelled` when the
 * caller went away. After a refusal the rest is discarded as it comes, so that the caller gets to read the answer.
 */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<BodyResult> {
  const encoding = encodings.get((request.headers['content-encoding'] ?? '').trim().toLowerCase());
  if (encoding === undefined) {
    return Promise.resolve(
      refused('unsupported_media_type', 'The body may be encoded with gzip or deflate, or not at all.', {
        field: 'content-encoding',
      }),
    );
  }
  if (Number(request.headers['content-length'] ?? 0) > limits.maxBodyBytes) {
    return Promise.resolve(tooLarge(limits));
  }
  return encoding === 'identity' ? collect(request, limits) : inflate(request, { encoding, limits });
}

function tooLarge({ maxBodyBytes }: BodyLimits): BodyResult {
  return refused('body_too_large', `The body is larger than ${maxBodyBytes} bytes.`, {
    field: 'body',
    limit: maxBodyBytes,
  });
}

function timedOut({ bodyTimeoutMs }: BodyLimits): BodyResult {
  return refused('body_timeout', `The body did not arrive within ${bodyTimeoutMs} ms.`, {
    field: 'body',
    limit: bodyTimeoutMs,
  });
}

function callerGone(): BodyResult {
  return refused('cancelled', 'The caller went away before the body was complete.');
}

function collect(request: IncomingMessage, limits: BodyLimits): Promise<BodyResult> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const settle = (result: BodyResult): void => {
      clearTimeout(timer);
      // Without a listener it still flows, into nothing.
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      sizeBytes += chunk.length;
      chunks.push(chunk);
      if (sizeBytes > limits.maxBodyBytes) settle(tooLarge(limits));
    };
    const onEnd = (): void => settle({ ok: true, bytes: joined(chunks) });
    const onClose = (): void => settle(callerGone());
    const timer = setTimeout(() => settle(timedOut(limits)), limits.bodyTimeoutMs);
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}

function inflate(
  request: IncomingMessage,
  { encoding, limits }: { encoding: 'gzip' | 'deflate'; limits: BodyLimits },
): Promise<BodyResult> {
  return new Promise((resolve) => {
    const inflater = encoding === 'gzip' ? createGunzip() : createInflate();
    const chunks: Buffer[] = [];
    const size = { receivedBytes: 0, inflatedBytes: 0 };
    const settle = (result: BodyResult): void => {
      clearTimeout(timer);
      request.off('data', onReceived).off('close', onClose).unpipe(inflater);
      inflater.off('data', onInflated).off('end', onEnd).destroy();
      if (!result.ok) request.resume();
      resolve(result);
    };
    const onReceived = (chunk: Buffer): void => {
      size.receivedBytes += chunk.length;
      if (size.receivedBytes > limits.maxBodyBytes) settle(tooLarge(limits));
    };
    const onInflated = (chunk: Buffer): void => {
      size.inflatedBytes += chunk.length;
      chunks.push(chunk);
      if (size.inflatedBytes > limits.maxBodyBytes) settle(tooLarge(limits));
    };
    const onEnd = (): void => settle({ ok: true, bytes: joined(chunks) });
    const onClose = (): void => {
      if (!request.readableEnded) settle(callerGone());
    };
    const onBroken = (): void =>
      settle(refused('invalid_json', `The body is not valid ${encoding}.`, { field: 'body' }));
    const timer = setTimeout(() => settle(timedOut(limits)), limits.bodyTimeoutMs);
    request.on('data', onReceived).on('close', onClose).on('error', onClose);
    inflater.on('data', onInflated).on('end', onEnd).on('error', onBroken);
    request.pipe(inflater);
  });
}

function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks);
}
