import { randomBytes } from 'node:crypto';
import { createSecretCheck, type Secret } from '@rerank-fleet/service-shell';
import cookieSession from 'cookie-session';
import express, { Router, type NextFunction, type Request, type Response } from 'express';
import { loginPage } from './login-page';
import { rootFrom } from './relative-base';
import { countWrongPasswords } from './wrong-passwords';

const sessionMs = 12 * 60 * 60 * 1000;

export interface LoginOptions {
  password: Secret;
  secureCookie: boolean;
}

/**
 * Requires the password: by the form at `/login`, which sets a signed cookie, or by HTTP Basic (any user name) for
 * scripts. Sessions end after twelve hours, or when the process ends. Above the limits of {@link countWrongPasswords},
 * no password is checked, but existing sessions still work.
 */
export function requireLogin({ password, secureCookie }: LoginOptions): Router {
  const isPassword = createSecretCheck([password]);
  const wrongPasswords = countWrongPasswords();
  const router = Router();
  router.use(
    cookieSession({
      name: 'rerank-board',
      keys: [randomBytes(32).toString('hex')],
      maxAge: sessionMs,
      httpOnly: true,
      sameSite: 'strict',
      secure: secureCookie,
      // the browser then uses the folder of the login page: boards under different paths have separate cookies
      path: '',
    }),
  );
  router.get('/login', (request, response) => sendForm(request, response, { isWrong: false }));
  router.post(
    '/login',
    wrongPasswords.count,
    express.urlencoded({ extended: false, limit: '4kb' }),
    async (request: Request, response: Response) => {
      const { password: sent } = (request.body ?? {}) as { password?: unknown };
      if (typeof sent !== 'string' || !isPassword(sent)) {
        return sendForm(request, response.status(401), { isWrong: true });
      }
      await wrongPasswords.uncount(request);
      // the browser drops the cookie by itself; a copy of it must also expire
      request.session = { endsAtMs: Date.now() + sessionMs };
      response.redirect(303, rootFrom(request.path));
    },
  );
  router.get('/logout', (request, response) => {
    request.session = null;
    response.redirect(303, `${rootFrom(request.path)}login`);
  });
  router.use((request, response, next) => {
    if (Number(request.session?.['endsAtMs']) > Date.now()) return next('router');
    if (basicPassword(request) !== undefined) return next();
    if (request.method === 'GET' && request.accepts(['json', 'html']) === 'html')
      return response.redirect(303, `${rootFrom(request.path)}login`);
    refuse(response, 'Log in first.');
  });
  router.use(wrongPasswords.count, async (request: Request, response: Response, next: NextFunction) => {
    if (!isPassword(basicPassword(request) ?? '')) return refuse(response, 'Wrong password.');
    await wrongPasswords.uncount(request);
    next();
  });
  return router;
}

function sendForm(request: Request, response: Response, { isWrong }: { isWrong: boolean }): void {
  response.type('html').send(loginPage({ isWrong, action: `${rootFrom(request.path)}login` }));
}

function refuse(response: Response, error: string): void {
  response.status(401).set('www-authenticate', 'Basic realm="queue board"').json({ error });
}

function basicPassword({ headers }: Request): string | undefined {
  const encoded = /^basic (\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}
