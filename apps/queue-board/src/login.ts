import { randomBytes } from 'node:crypto';
import { createSecretCheck, type Secret } from '@rerank-fleet/service-shell';
import cookieSession from 'cookie-session';
import express, { Router, type Request, type RequestHandler, type Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { loginPage } from './login-page';
import { rootFrom } from './own-place';

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
  const limit = limitWrongPasswords();
  const router = Router();
  router.use(
    cookieSession({
      name: 'rerank-board',
      keys: [randomBytes(32).toString('hex')],
      maxAge: sessionMs,
      httpOnly: true,
      sameSite: 'strict',
      secure: secureCookie,
      // the browser then takes the folder of the login page: boards under several paths of one host have one each
      path: '',
    }),
  );
  router.get('/login', (request, response) => sendForm(request, response, { isWrong: false }));
  router.post(
    '/login',
    limit,
    express.urlencoded({ extended: false, limit: '4kb' }),
    (request: Request, response: Response) => {
      const { password: sent } = (request.body ?? {}) as { password?: unknown };
      if (typeof sent !== 'string' || !isPassword(sent)) {
        return sendForm(request, response.status(401), { isWrong: true });
      }
      response.locals['knewPassword'] = true;
      // the browser forgets the cookie by itself; a copy of it must end as well
      request.session = { endsAtMs: Date.now() + sessionMs };
      response.redirect(303, rootFrom(request.path));
    },
  );
  router.get('/logout', (request, response) => {
    request.session = null;
    response.redirect(303, `${rootFrom(request.path)}login`);
  });
  router.use((request, response, next) => {
    if (Number(request.session?.['endsAtMs']) > Date.now()) return next();
    const basic = basicPassword(request);
    if (basic !== undefined) {
      return void limit(request, response, () => {
        response.locals['knewPassword'] = isPassword(basic);
        if (response.locals['knewPassword'] === true) return next();
        response.status(401).set('www-authenticate', 'Basic realm="queue board"').json({ error: 'Wrong password.' });
      });
    }
    if (request.method === 'GET' && request.accepts(['json', 'html']) === 'html')
      return response.redirect(303, `${rootFrom(request.path)}login`);
    response.status(401).set('www-authenticate', 'Basic realm="queue board"').json({ error: 'Log in first.' });
  });
  return router;
}

function sendForm(request: Request, response: Response, { isWrong }: { isWrong: boolean }): void {
  response.type('html').send(loginPage({ isWrong, action: `${rootFrom(request.path)}login` }));
}

/** Counts every request that goes through it and does not set `knewPassword` of its response's locals. */
function limitWrongPasswords(): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: attemptsPerMinute,
    skipSuccessfulRequests: true,
    // whatever the board then answers: a Redis that is away must not lock out a script that knows the password
    requestWasSuccessful: (_request, response) => response.locals['knewPassword'] === true,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    message: 'Too many wrong passwords. Wait a minute.',
  });
}

function basicPassword({ headers }: Request): string | undefined {
  const encoded = /^basic (\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}
