import { type Server, type ServerResponse, createServer as createHttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';
import type { EdgeConfig } from './config';
import { threeSpellings } from './dialects/error-body';
import { failureOf } from './failure';

/** How long the other side may take to read why it is refused, and to close: nobody is waited for longer. */
const lingerMs = 1_000;

/** Time by which the edge's own 408 comes before Node cuts the connection. */
const cutAfterBodyTimeoutMs = 1_000;

/**
 * The HTTP server around an application. Headers that do not arrive are cut off here; bodies by the application, and
 * here only when it has answered and the rest still trickles in.
 */
export function createServer(
  app: Express,
  config: Pick<EdgeConfig, 'headersTimeoutMs' | 'bodyTimeoutMs' | 'keepAliveMs'>,
): Server {
  const requestTimeout = config.headersTimeoutMs + config.bodyTimeoutMs + cutAfterBodyTimeoutMs;
  const server = createHttpServer(
    {
      headersTimeout: config.headersTimeoutMs,
      requestTimeout,
      keepAliveTimeout: config.keepAliveMs,
      connectionsCheckingInterval: Math.min(1_000, config.headersTimeoutMs),
      noDelay: true,
    },
    app,
  );
  // one listener for each request that waits on the connection; how many do is the client's choice
  server.on('connection', (socket) => socket.setMaxListeners(0));
  const latest = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (request, response) => latest.set(request.socket, response));
  server.on('clientError', (error, socket) => {
    const response = latest.get(socket);
    const isAnswered = response !== undefined && response.headersSent && !response.req.complete;
    if (isAnswered) socket.destroy();
    else answerUnreadable(error, socket);
  });
  return server;
}

interface ParserError extends Error {
  code?: string;
}

/** What Node's parser refuses reaches no application, so its answer is written here, as JSON like every other error. */
function answerUnreadable(error: ParserError, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { line, message } = refusalOf(error.code);
  const body = JSON.stringify(threeSpellings(failureOf('invalid_json', message)));
  const head = ['content-type: application/json; charset=utf-8', `content-length: ${Buffer.byteLength(body)}`];
  socket.end(`HTTP/1.1 ${line}\r\n${head.join('\r\n')}\r\nconnection: close\r\n\r\n${body}`);
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
}

function refusalOf(code: string | undefined): { line: string; message: string } {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { line: '408 Request Timeout', message: 'The request did not arrive in time.' };
    case 'HPE_HEADER_OVERFLOW':
      return { line: '431 Request Header Fields Too Large', message: 'The headers are too large.' };
    default:
      return { line: '400 Bad Request', message: 'This is not a valid HTTP request.' };
  }
}
