import { randomBytes } from 'node:crypto';
import { createSecretCheck, type Secret } from '@rerank-fleet/service-shell';
import cookieSession from 'cookie-session';
import express, { Router, type Request } from 'express';
import { rateLimit } from 'express-rate-limit';
import { loginPage } from './login-page';

const sessionMs = 12 * 60 * 60 * 1000;
const attemptsPerMinute = 10;

export interface LoginOptions {
  password: Secret;
  secureCookie: boolean;
}

/**
 * Lets only those through who know the password: by the form at `/login`, which sets a signed cookie, or as the password
 * of HTTP Basic (any user name), for scripts. Sessions end after twelve hours, and when the process does. Wrong
 * passwords are counted by address: after ten in a minute the answer is 429.
 */
export function requireLogin({ password, secureCookie }: LoginOptions): Router {
  const isPassword = createSecretCheck([password]);
  const limit = rateLimit({
    windowMs: 60_000,
    limit: attemptsPerMinute,
    skipSuccessfulRequests: true,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    message: 'Too many wrong passwords. Wait a minute.',
  });
  const router = Router();
  router.use(
    cookieSession({
      name: 'rerank-board',
      keys: [randomBytes(32).toString('hex')],
      maxAge: sessionMs,
      httpOnly: true,
      sameSite: 'lax',
      secure: secureCookie,
    }),
  );
  router.get('/login', (_request, response) => void response.type('html').send(loginPage(false)));
  router.post('/login', limit, express.urlencoded({ extended: false, limit: '4kb' }), (request, response) => {
    const { password: sent } = (request.body ?? {}) as { password?: unknown };
    if (typeof sent !== 'string' || !isPassword(sent)) {
      response.status(401).type('html').send(loginPage(true));
      return;
    }
    request.session = { isLoggedIn: true };
    response.redirect(303, './');
  });
  router.post('/logout', (request, response) => {
    request.session = null;
    response.redirect(303, './login');
  });
  router.use((request, response, next) => {
    if (request.session?.['isLoggedIn'] === true) return next();
    const basic = basicPassword(request);
    if (basic !== undefined) {
      return void limit(request, response, () => {
        if (isPassword(basic)) return next();
        response.status(401).set('www-authenticate', 'Basic realm="queue board"').json({ error: 'Wrong password.' });
      });
    }
    if (request.method === 'GET' && request.accepts(['json', 'html']) === 'html')
      return response.redirect(303, '/login');
    response.status(401).set('www-authenticate', 'Basic realm="queue board"').json({ error: 'Log in first.' });
  });
  return router;
}

function basicPassword({ headers }: Request): string | undefined {
  const encoded = /^basic (\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}
