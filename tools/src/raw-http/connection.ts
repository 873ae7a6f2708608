import { type Socket, connect } from 'node:net';
import { type Parsed, type RawResponse, parseResponse } from './response';

/** What became of a request that was written to a connection. */
export type Reception =
  | { kind: 'answer'; response: RawResponse }
  /** The connection ended before an answer was whole; `reason` says how. */
  | { kind: 'broken'; reason: string }
  | { kind: 'hung' }
  | { kind: 'garbage' };

/** One connection to a server, which sees every byte that comes back, also those that nobody asked for. */
export interface Connection {
  /** Writes a request and waits for its answer. One at a time. */
  exchange(bytes: Buffer | string, options: ExchangeOptions): Promise<Reception>;
  /** Bytes that came after the last answer. */
  surplus(): Buffer;
  /** Resolves once the server has closed it, or after the time. */
  closed(limitMs: number): Promise<boolean>;
  /** No more is written; the server still may answer. */
  finish(): void;
  isOpen(): boolean;
  destroy(): void;
}

/** How long an answer is waited for, and what it looks like. */
interface ExchangeOptions {
  limitMs: number;
  /** Whether the answer has no body whatever its headers say: it answers HEAD. */
  bodiless?: boolean;
  /** Whether nothing is written after the request: the half of the connection is closed. */
  last?: boolean;
}

/** What is told of a connection that was let go. */
const closedByCaller = 'let go by the caller';

/** Opens a connection. Rejects when nobody listens, or nobody accepts it in time. */
export function openConnection(url: string, limitMs: number): Promise<Connection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error('nobody accepts the connection')), limitMs);
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
