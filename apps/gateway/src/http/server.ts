import type { RequestListener, Server } from 'node:http';
import { createHttpServer, type AnswerRefusal } from '@rerank-fleet/service-shell';
import type { EdgeConfig } from '../config';

/** Time by which the edge's own 408 comes before Node cuts the connection. */
const cutAfterBodyTimeoutMs = 1_000;

/**
 * The HTTP server around an application. Headers that do not arrive are cut off here; bodies by the application, and
 * here only when it has answered and the rest still trickles in.
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
  // one listener for each request that waits on the connection; how many do is the client's choice
  server.on('connection', (socket) => socket.setMaxListeners(0));
  return server;
}
