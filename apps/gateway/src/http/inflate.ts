import { createGunzip, createInflate, createInflateRaw, type Gunzip, type Inflate, type InflateRaw } from 'node:zlib';

/** Ways to compress a body that are read. */
export type Compression = 'gzip' | 'deflate';

/** What is told while bytes are inflated: each piece, then the end, or that they are broken. */
export interface InflateEvents {
  onData(chunk: Buffer): void;
  onEnd(): void;
  onBroken(): void;
}

/** Inflates bytes as they come. */
export interface Inflating {
  /** False when no more is to be written until `onDrain` is called. */
  write(chunk: Buffer, onDrain: () => void): boolean;
  /** All bytes are there. */
  end(): void;
  /** Nothing is told any more. */
  stop(): void;
}

/** What it takes to inflate, however little arrives: the window, the state and the output of zlib. */
export const inflaterBytes = 64 * 1024;

/** Starts to inflate; which format it is, the first two bytes say. */
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

/** "deflate" means the format of zlib, but many send the bare deflate in it. */
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

/** Whether bytes begin with a header of zlib: its method is 8 with a window of at most 32 KB, and 31 divides it. */
function isZlib([first = 0, second = 0]: Buffer): boolean {
  return (first & 0x0f) === 8 && first >> 4 <= 7 && (256 * first + second) % 31 === 0;
}
