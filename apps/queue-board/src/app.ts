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
  /** Networks whose `X-Forwarded-For` and `X-Forwarded-Host` are believed. */
  trustedProxies: readonly string[];
  logger: Pick<Logger, 'error'>;
}

/** The web application: login, then only what the board may show or change. */
function createApp({ board, isWritable, trustedProxies, logger, ...login }: AppOptions): RequestListener {
  const app = express().disable('x-powered-by');
  app.set('trust proxy', createNetworkCheck(trustedProxies));
  // a cookie is marked secure only on a request that counts as HTTPS; where a proxy has ended TLS all of them do
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

/** The server of the board: its own refusals too are JSON. */
export function createBoardServer(options: AppOptions): Server {
  return createHttpServer({
    listener: createApp(options),
    answerRefusal: ({ message }) => ({ body: { error: message } }),
  });
}

/** Express itself would answer, and print, the error's message and stack: the first may quote the request. */
function answerFault(
  error: { status?: number },
  { response, logger }: { response: Response; logger: Pick<Logger, 'error'> },
): void {
  const { status = 500 } = error;
  if (status >= 500) logger.error('the board failed', { error });
  if (response.headersSent) return void response.destroy();
  response.status(status).json({ error: status >= 500 ? 'The board failed.' : 'The request cannot be read.' });
}
