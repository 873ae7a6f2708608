import type { RequestListener, Server } from 'node:http';
import { createHttpServer, createNetworkCheck, type Logger } from '@rerank-fleet/service-shell';
import express, { type Request, type Response } from 'express';
import helmet from 'helmet';
import { allowedCalls } from './allowed-calls';
import { type Board } from './board';
import { requireLogin, type LoginOptions } from './login';

export interface AppOptions extends LoginOptions {
  board: Pick<Board, 'pages'>;
  isWritable: boolean;
  /** Networks of proxies whose `X-Forwarded-For` and `X-Forwarded-Host` are trusted. */
  trustedProxies: readonly string[];
  logger: Pick<Logger, 'error'>;
}

/** The web application: the login, then only allowed calls. */
function createApp({ board, isWritable, trustedProxies, logger, ...login }: AppOptions): RequestListener {
  const app = express().disable('x-powered-by');
  app.set('trust proxy', createNetworkCheck(trustedProxies));
  // a secure cookie is set only on HTTPS requests: behind a proxy that ends TLS, every request counts as HTTPS
  if (login.secureCookie) Object.defineProperty(app.request, 'protocol', { value: 'https' });
  app.use(
    helmet({
      contentSecurityPolicy: {
        // `upgrade-insecure-requests` would break a board over plain HTTP
        directives: {
          'upgrade-insecure-requests': null,
          'style-src': ["'self'", "'unsafe-inline'"],
          'font-src': ["'self'"],
        },
      },
      strictTransportSecurity: login.secureCookie,
    }),
  );
  app.use((_request, response, next) => {
    response.set('cache-control', 'no-store');
    next();
  });
  app.use(requireLogin(login), allowedCalls(isWritable), board.pages);
  return (request, response) =>
    app(request as Request, response as Response, (error?: unknown) => {
      if (error) answerFault(error as { status?: number }, { response: response as Response, logger });
      else (response as Response).status(404).json({ error: 'There is nothing at this path.' });
    });
}

/** The HTTP server of the board. Its own refusals are also JSON. */
export function createBoardServer(options: AppOptions): Server {
  return createHttpServer({
    listener: createApp(options),
    answerRefusal: ({ message }) => ({ body: { error: message } }),
  });
}

/** Replaces Express' handler, which returns and prints message and stack. The message may quote the request. */
function answerFault(
  error: { status?: number },
  { response, logger }: { response: Response; logger: Pick<Logger, 'error'> },
): void {
  const { status = 500 } = error;
  if (status >= 500) logger.error('the board failed', { error });
  if (response.headersSent) return void response.destroy();
  response.status(status).json({ error: status >= 500 ? 'The board failed.' : 'The request cannot be read.' });
}
