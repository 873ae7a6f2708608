import { type Socket, connect } from 'node:net';
import { type Parsed, type RawResponse, parseResponse } from './response';

/** Result of a request that was written to a connection. */
export type Reception =
  | { kind: 'answer'; response: RawResponse }
  /** The connection ended before an answer was complete, for `reason`. */
  | { kind: 'broken'; reason: string }
  | { kind: 'hung' }
  | { kind: 'garbage' };

/** A connection to a server that records every received byte, including unexpected ones. */
export interface Connection {
  /** Writes a request and waits for its answer. Only one exchange at a time. */
  exchange(bytes: Buffer | string, options: ExchangeOptions): Promise<Reception>;
  /** Bytes that were received after the last answer. */
  surplus(): Buffer;
  /** Resolves when the server has closed the connection, or at the time limit. */
  closed(limitMs: number): Promise<boolean>;
  /** Ends the writing side. The server may still answer. */
  finish(): void;
  isOpen(): boolean;
  destroy(): void;
}

/** Time limit and form of an answer. */
interface ExchangeOptions {
  limitMs: number;
  /** Whether the answer has no body, regardless of its headers, as for HEAD. */
  bodiless?: boolean;
  /** Whether to end the writing side after the request. */
  last?: boolean;
}

/** Reason of a connection that the caller closed. */
const closedByCaller = 'closed by the caller';

/** Opens a connection. Rejects when it is refused, or is not accepted within the time limit. */
export function openConnection(url: string, limitMs: number): Promise<Connection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error('the connection was not accepted in time')), limitMs);
    socket.once('error', reject);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', reject);
      resolve(connectionOn(socket));
    });
    socket.once('close', () => clearTimeout(timer));
  });
}

interface Waiting {
  bodiless: boolean;
  settle(reception: Reception): void;
}

function connectionOn(socket: Socket): Connection {
  let received: Buffer = Buffer.alloc(0);
  let waiting: Waiting | undefined;
  let ended: string | undefined;
  const look = () => {
    if (waiting === undefined) return;
    const { bodiless, settle } = waiting;
    const parsed = parseResponse(received, { bodiless, ended: ended !== undefined });
    if (parsed.state === 'whole') received = received.subarray(parsed.sizeBytes);
    const reception = receptionOf(parsed, ended);
    if (reception) settle(reception);
  };
  const end = (reason: string) => {
    ended ??= reason;
    look();
  };
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    look();
  });
  socket.on('end', () => end('closed by the server'));
  socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  socket.on('close', () => end(closedByCaller));
  return {
    exchange(bytes, { limitMs, bodiless = false, last = false }) {
      return new Promise((resolve) => {
        const timer = setTimeout(() => waiting?.settle({ kind: 'hung' }), limitMs);
        const settle = (reception: Reception) => {
          clearTimeout(timer);
          waiting = undefined;
          resolve(reception);
        };
        waiting = { bodiless, settle };
        if (last) socket.end(bytes);
        else socket.write(bytes);
        look();
      });
    },
    surplus: () => received,
    closed: (limitMs) => untilClosed(socket, limitMs),
    finish: () => void socket.end(),
    isOpen: () => ended === undefined && socket.writable,
    destroy: () => void socket.destroy(),
  };
}

function receptionOf(parsed: Parsed, ended: string | undefined): Reception | undefined {
  if (parsed.state === 'whole') return { kind: 'answer', response: parsed.response };
  if (parsed.state === 'garbage') return { kind: 'garbage' };
  return ended === undefined ? undefined : { kind: 'broken', reason: ended };
}

function untilClosed(socket: Socket, limitMs: number): Promise<boolean> {
  if (socket.closed || socket.readableEnded) return Promise.resolve(true);
  return new Promise((resolve) => {
    const done = (isClosed: boolean) => {
      clearTimeout(timer);
      socket.off('close', onClose).off('end', onClose);
      resolve(isClosed);
    };
    const onClose = () => done(true);
    const timer = setTimeout(() => done(false), limitMs);
    socket.once('close', onClose).once('end', onClose);
  });
}
