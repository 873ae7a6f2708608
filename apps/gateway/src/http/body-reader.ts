import type { IncomingMessage } from 'node:http';
import type { Failure, Refused, Result } from '@rerank-fleet/contract';
import { failureOf, refused } from './failure';
import type { BodyHold } from './held-bytes';
import { type Compression, inflaterBytes, startInflating } from './inflate';

/** Bounds on a body. */
export interface BodyLimits {
  /** Bytes after inflating; a compressed body may not be longer either. */
  maxBodyBytes: number;
  /** Time for the whole body to arrive, from the call. */
  bodyTimeoutMs: number;
}

/** The bytes of a body, inflated. */
export type BodyResult = Result<{ bytes: Buffer }>;

type Encoding = 'identity' | Compression;

const encodings: ReadonlyMap<string, Encoding> = new Map([
  ['', 'identity'],
  ['identity', 'identity'],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
]);

/**
 * Reads a body whole, inflating it if its encoding says so. What arrives, and what it is inflated to, is held in `hold`
 * as it comes. Fails as data: `unsupported_media_type`, `body_too_large` (as soon as the limit is passed),
 * `gateway_full`, `body_timeout`, `invalid_json` (bytes that do not inflate), and `cancelled` when the caller went away.
 * After a failure nothing is held, and the rest is discarded as it comes, so that the caller gets to read the answer.
 */
export function readBody(request: IncomingMessage, limits: BodyLimits, hold: BodyHold): Promise<BodyResult> {
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
  const full = encoding === 'identity' ? undefined : hold.grow(inflaterBytes);
  return full ? Promise.resolve({ ok: false, failure: full }) : collect(request, { encoding, limits, hold });
}

function tooLarge({ maxBodyBytes }: BodyLimits): Refused {
  return refused('body_too_large', `The body is larger than ${maxBodyBytes} bytes.`, {
    field: 'body',
    limit: maxBodyBytes,
  });
}

function timedOut({ bodyTimeoutMs }: BodyLimits): Refused {
  return refused('body_timeout', `The body did not arrive within ${bodyTimeoutMs} ms.`, {
    field: 'body',
    limit: bodyTimeoutMs,
  });
}

function broken(encoding: Encoding): Failure {
  return failureOf('invalid_json', `The body is not valid ${encoding}.`, { field: 'body' });
}

function callerGone(): BodyResult {
  return refused('cancelled', 'The caller went away before the body was complete.');
}

interface Reading {
  encoding: Encoding;
  limits: BodyLimits;
  hold: BodyHold;
}

function collect(request: IncomingMessage, { encoding, limits, hold }: Reading): Promise<BodyResult> {
  return new Promise((resolve) => {
    const body = createByteStore();
    let receivedBytes = 0;
    let isSettled = false;
    const settle = (result: BodyResult): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      // the request and its hold live on; nothing of them may lead to the bytes
      hold.arrived();
      request.off('data', onReceived).off('end', onReceivedAll).off('close', onClose).off('error', onClose);
      inflating?.stop();
      if (!result.ok) {
        hold.release();
        request.resume();
      }
      resolve(result);
    };
    const fail = (failure: Failure): void => settle({ ok: false, failure });
    /** False when it was one chunk too many. */
    const count = (chunk: Buffer, totalBytes: number): boolean => {
      const failure = totalBytes > limits.maxBodyBytes ? tooLarge(limits).failure : hold.grow(chunk.length);
      if (failure) fail(failure);
      return failure === undefined;
    };
    const onData = (chunk: Buffer): void => {
      if (count(chunk, body.sizeBytes() + chunk.length)) body.add(chunk);
    };
    const onEnd = (): void => settle({ ok: true, bytes: body.bytes() });
    const onBroken = (): void => fail(broken(encoding));
    const inflating = encoding === 'identity' ? undefined : startInflating(encoding, { onData, onEnd, onBroken });
    const onReceived = (chunk: Buffer): void => {
      receivedBytes += chunk.length;
      if (inflating === undefined) onData(chunk);
      else if (count(chunk, receivedBytes) && !inflating.write(chunk, () => request.resume())) request.pause();
    };
    const onReceivedAll = (): void => (inflating === undefined ? onEnd() : inflating.end());
    const onClose = (): void => {
      if (!request.readableEnded) settle(callerGone());
    };
    const timer = setTimeout(() => settle(timedOut(limits)), limits.bodyTimeoutMs);
    hold.arrives(fail);
    request.on('data', onReceived).on('end', onReceivedAll).on('close', onClose).on('error', onClose);
  });
}

/**
 * Bytes that come in pieces, copied into one buffer of their own: a million pieces of a byte, each an object with a
 * memory of its own, would take hundreds of times their size.
 */
function createByteStore() {
  let buffer: Buffer = Buffer.alloc(0);
  let sizeBytes = 0;
  return {
    sizeBytes: () => sizeBytes,
    add(chunk: Buffer): void {
      if (sizeBytes === 0) {
        buffer = chunk;
      } else {
        if (sizeBytes + chunk.length > buffer.length) buffer = enlarged(buffer, sizeBytes + chunk.length);
        chunk.copy(buffer, sizeBytes);
      }
      sizeBytes += chunk.length;
    },
    bytes: () => buffer.subarray(0, sizeBytes),
  };
}

/** At least twice as large, so that growing costs no more than the bytes; what is not written takes no memory yet. */
function enlarged(buffer: Buffer, minBytes: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.max(2 * buffer.length, minBytes));
  buffer.copy(larger);
  return larger;
}
