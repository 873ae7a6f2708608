import { createGunzip, createInflate, createInflateRaw, type Gunzip, type Inflate, type InflateRaw } from 'node:zlib';

/** Supported compressions of a body. */
export type Compression = 'gzip' | 'deflate';

/** Callbacks: each decompressed piece, then the end or an error. */
export interface InflateEvents {
  onData(chunk: Buffer): void;
  onEnd(): void;
  onBroken(): void;
}

/** A decompression in progress. */
export interface Inflating {
  /** Returns false if no more may be written before `onDrain` is called. */
  write(chunk: Buffer, onDrain: () => void): boolean;
  /** Call after the last chunk. */
  end(): void;
  /** No callback is called after this. */
  stop(): void;
}

/** Memory of one decompression, however little data arrives: zlib's window, state and output. */
export const inflaterBytes = 64 * 1024;

/** Starts a decompression. The first two bytes decide the format. */
export function startInflating(compression: Compression, { onData, onEnd, onBroken }: InflateEvents): Inflating {
  let head = Buffer.alloc(0);
  let stream: Gunzip | Inflate | InflateRaw | undefined;
  const begin = (): Gunzip | Inflate | InflateRaw => {
    stream = createStream(compression, head).on('data', onData).on('end', onEnd).on('error', onBroken);
    return stream;
  };
  return {
    write(chunk, onDrain) {
      if (stream === undefined) {
        head = Buffer.concat([head, chunk]);
        if (head.length < 2) return true;
      }
      const isDrained = stream === undefined ? begin().write(head) : stream.write(chunk);
      if (!isDrained) stream?.once('drain', onDrain);
      return isDrained;
    },
    end() {
      if (stream === undefined) begin().end(head);
      else stream.end();
    },
    stop() {
      stream?.off('data', onData).off('end', onEnd).destroy();
    },
  };
}

/** "deflate" means zlib's format, but many clients send raw deflate. */
function createStream(compression: Compression, head: Buffer): Gunzip | Inflate | InflateRaw {
  switch (compression) {
    case 'gzip':
      return createGunzip();
    case 'deflate':
      return isZlib(head) ? createInflate() : createInflateRaw();
    default:
      return compression satisfies never;
  }
}

/** Whether bytes begin with a zlib header: method 8, a window of at most 32 KB, and divisible by 31. */
function isZlib([first = 0, second = 0]: Buffer): boolean {
  return (first & 0x0f) === 8 && first >> 4 <= 7 && (256 * first + second) % 31 === 0;
}
