import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTestRedis, type TestRedis } from '@rerank-fleet/queue/testing';
import { rootFrom } from './relative-base';
import { password, startBoard, type TestBoard } from './testing';

const queue = encodeURIComponent('tiny@1');

let redis: TestRedis;
let board: TestBoard;
let proxy: Server;
let origin: string;

beforeAll(async () => {
  redis = await startTestRedis();
  board = await startBoard({
    redis: redis.server,
    prefix: randomUUID(),
    isWritable: true,
    trustedProxies: ['127.0.0.1/32'],
  });
  board.board.show(['tiny@1']);
  proxy = createServer((incoming, answer) => {
    // The prefix is the part before `/at/`. The board does not see it.
    const path = (incoming.url ?? '').replace(/^.*\/at\//, '/');
    const headers = { ...incoming.headers, host: 'board:8081', 'x-forwarded-host': incoming.headers.host };
    const outgoing = httpRequest(new URL(path, board.url), { method: incoming.method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  origin = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterAll(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await board.close();
  await redis.stop();
});

const get = (url: string, headers: Record<string, string> = {}) =>
  fetch(url, { redirect: 'manual', headers: { accept: 'text/html', ...headers } });
/** The target of a redirect, resolved like in a browser. */
const location = (answer: Response) => new URL(answer.headers.get('location') ?? '', answer.url).href;
const attribute = (page: string, element: string, name: string) =>
  new RegExp(`<${element}[^>]* ${name}="([^"]*)"`).exec(page)?.[1] ?? '';

async function logIn(root: string): Promise<{ landed: string; cookie: string }> {
  const form = await get(location(await get(root)));
  const action = new URL(attribute(await form.text(), 'form', 'action'), form.url);
  const body = new URLSearchParams({ password });
  const answer = await fetch(action, { method: 'POST', redirect: 'manual', body });
  const cookies = answer.headers.getSetCookie();
  // Without a Path attribute, the browser sends the cookie only below the address of the board.
  expect(cookies.filter((each) => /path=/i.test(each))).toEqual([]);
  return { landed: location(answer), cookie: cookies.map((each) => each.split(';')[0]).join('; ') };
}

describe.each(['/at/', '/ops/board/at/'])('behind a proxy that serves it at %s and removes the prefix', (prefix) => {
  const root = () => `${origin}${prefix}`;

  it.each(['', 'login', `queue/${queue}`, `queue/${queue}/7`, `queue/${queue}/7/`])(
    'a browser without a session is redirected from "%s" to the form, and after login to the board',
    async (path) => {
      const { headers, url } = await get(`${root()}${path}`);
      if (path !== 'login') expect(new URL(headers.get('location') ?? '', url).href).toBe(`${root()}login`);
      expect((await logIn(root())).landed).toBe(root());
    },
  );

  it.each(['', `queue/${queue}`, `queue/${queue}/7`, `queue/${queue}/`, 'job-schedulers'])(
    'the page "%s" finds its files and calls also when it is loaded anew',
    async (path) => {
      const { cookie } = await logIn(root());
      const answer = await get(`${root()}${path}`, { cookie });
      const page = await answer.text();
      const base = new URL(attribute(page, 'base', 'href'), answer.url);
      expect([answer.status, base.href]).toEqual([200, root()]);
      const files = [...page.matchAll(/(?:src|href)="((?:static|base)[^"]+)"/g)].map(([, file = '']) => file);
      // base.js is the first script of the page.
      expect(files.find((file) => file.endsWith('.js'))).toBe('base.js');
      for (const file of files) expect((await get(new URL(file, base).href, { cookie })).status).toBe(200);
      expect((await get(new URL('api/queues', base).href, { cookie, accept: 'application/json' })).status).toBe(200);
    },
  );

  it('a change is taken from its own page, and from no other', async () => {
    const { cookie } = await logIn(root());
    const pause = (from: string) =>
      fetch(`${root()}api/queues/${queue}/pause`, { method: 'PUT', headers: { cookie, origin: from } });
    expect([(await pause(origin)).status, (await pause('http://board:8081')).status]).toEqual([200, 403]);
  });

  it('logging out leads to the form', async () => {
    const { cookie } = await logIn(root());
    const page = await (await get(root(), { cookie })).text();
    expect(page).toContain('"miscLinks":[{"text":"Log out","url":"logout"}]');
    expect(location(await get(`${root()}logout`, { cookie }))).toBe(`${root()}login`);
  });
});

test.each([
  ['/', './'],
  ['/login', './'],
  ['/queue/tiny@1', '../'],
  ['/queue/tiny@1/7', '../../'],
  ['/queue/tiny@1/', '../../'],
  ['//elsewhere.example/', '../../'],
])('from %s the root is at %s', (path, root) => expect(rootFrom(path)).toBe(root));
