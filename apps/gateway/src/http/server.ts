import type { RequestListener, Server } from 'node:http';
import { createHttpServer, type AnswerRefusal } from '@rerank-fleet/service-shell';
import type { EdgeConfig } from '../config';

/** Delay after which Node closes the connection, so that the application's 408 comes first. */
const cutAfterBodyTimeoutMs = 1_000;

/**
 * Creates the HTTP server of an application. The server enforces the time limit of headers. The application enforces
 * that of bodies; the server does so only after the application has answered.
 */
export function createServer(
  listener: RequestListener,
  config: Pick<EdgeConfig, 'headersTimeoutMs' | 'bodyTimeoutMs' | 'keepAliveMs'>,
  answerRefusal: AnswerRefusal,
): Server {
  const requestTimeout = config.headersTimeoutMs + config.bodyTimeoutMs + cutAfterBodyTimeoutMs;
  const server = createHttpServer({
    listener,
    answerRefusal,
    options: {
      headersTimeout: config.headersTimeoutMs,
      requestTimeout,
      keepAliveTimeout: config.keepAliveMs,
      connectionsCheckingInterval: Math.min(1_000, config.headersTimeoutMs),
      noDelay: true,
    },
  });
  // one listener per pipelined request; the client decides how many there are
  server.on('connection', (socket) => socket.setMaxListeners(0));
  return server;
}
