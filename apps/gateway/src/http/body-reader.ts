import type { IncomingMessage } from 'node:http';
import type { Failure, Refused, Result } from '@rerank-fleet/contract';
import { failureOf, refused } from './failure';
import type { BodyHold } from './held-bytes';
import { type Compression, inflaterBytes, startInflating } from './inflate';

/** Limits of a body. */
export interface BodyLimits {
  /** Bytes after decompression. A compressed body may not be longer either. */
  maxBodyBytes: number;
  /** Time limit for the whole body, from the call. */
  bodyTimeoutMs: number;
}

/** The decompressed bytes of a body. */
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
 * Reads a whole body and decompresses it. Received and decompressed bytes are added to `hold` as they arrive. Fails
 * with `unsupported_media_type`, `body_too_large` (as soon as the limit is exceeded), `gateway_full`, `body_timeout`,
 * `invalid_json` (bytes that cannot be decompressed), or `cancelled` if the caller disconnected. After a failure
 * nothing is held, and the rest of the body is discarded as it arrives, so that the caller can read the answer.
 */
export function readBody(request: IncomingMessage, limits: BodyLimits, hold: BodyHold): Promise<BodyResult> {
  const encoding = encodings.get((request.headers['content-encoding'] ?? '').trim().toLowerCase());
  if (encoding === undefined) {
    return Promise.resolve(
      refused('unsupported_media_type', 'The body must be uncompressed, or compressed with gzip or deflate.', {
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

function callerDisconnected(): BodyResult {
  return refused('cancelled', 'The caller disconnected before the body was complete.');
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
      // the request and its hold live on, so neither may reference the bytes
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
    /** Counts a chunk. Returns false if a limit is exceeded. */
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
      if (!request.readableEnded) settle(callerDisconnected());
    };
    const timer = setTimeout(() => settle(timedOut(limits)), limits.bodyTimeoutMs);
    hold.arrives(fail);
    request.on('data', onReceived).on('end', onReceivedAll).on('close', onClose).on('error', onClose);
  });
}

/**
 * Copies received chunks into one buffer. A million chunks of one byte, each an object with its own memory, would take
 * hundreds of times their size.
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

/** At least doubles the buffer, so that total copying stays linear. Pages that are not written take no memory yet. */
function enlarged(buffer: Buffer, minBytes: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.max(2 * buffer.length, minBytes));
  buffer.copy(larger);
  return larger;
}
