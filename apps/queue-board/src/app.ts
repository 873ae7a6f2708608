import express, { type Express } from 'express';
import helmet from 'helmet';
import { allowedCalls } from './allowed-calls';
import { type Board } from './board';
import { requireLogin, type LoginOptions } from './login';

export interface AppOptions extends LoginOptions {
  board: Pick<Board, 'pages'>;
  isWritable: boolean;
}

/** The web application: login, then only what the board may show or change. */
export function createApp({ board, isWritable, ...login }: AppOptions): Express {
  const app = express().disable('x-powered-by');
  // behind a proxy that ends TLS only its headers tell that the connection was secure
  if (login.secureCookie) app.set('trust proxy', 1);
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
  app.use(requireLogin(login));
  app.use(allowedCalls(isWritable));
  app.use(board.pages);
  return app;
}
