import { randomUUID } from 'node:crypto';
import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { startTestRedis, type TestRedis } from '@rerank-fleet/queue/testing';
import { basic, password, startBoard, type TestBoard } from './testing';

let redis: TestRedis;
let board: TestBoard;

beforeAll(async () => (redis = await startTestRedis()));
afterAll(() => redis.stop());
afterEach(() => board.close());

const start = async (options: { secureCookie?: boolean; trustedProxies?: string[] } = {}) =>
  (board = await startBoard({ redis: redis.server, prefix: randomUUID(), ...options }));

interface Sent {
  method?: string;
  headers?: OutgoingHttpHeaders;
  body?: string;
  /** Local address from which the connection is opened. */
  from?: string;
}

interface Answer {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Unlike `fetch`, it can use any local address, and adds no headers. */
function call(path: string, { method = 'GET', headers = {}, body = '', from = '127.0.0.1' }: Sent = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const sent = request(`${board.url}${path}`, { method, headers, localAddress: from }, (response) => {
      const { statusCode: status, headers: received } = response;
      text(response).then((answered) => resolve({ status, headers: received, body: answered }), reject);
    });
    sent.once('error', reject).end(body);
  });
}

/** Origin of an attempt: the address of the connection, and the X-Forwarded-For header. */
interface Origin {
  from?: string;
  forwardedFor?: string;
}

const forwarded = (by: string | undefined) => (by === undefined ? {} : { 'x-forwarded-for': by });

/** Sends a password by the form or by HTTP Basic. */
type Try = (attempt: string, origin?: Origin) => Promise<Answer>;

const byForm: Try = (attempt, { from, forwardedFor } = {}) =>
  call('/login', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...forwarded(forwardedFor) },
    body: new URLSearchParams({ password: attempt }).toString(),
    ...(from && { from }),
  });
const byBasic: Try = (attempt, { from, forwardedFor } = {}) =>
  call('/nothing', { headers: { authorization: basicOf(attempt), ...forwarded(forwardedFor) }, ...(from && { from }) });

const basicOf = (attempt: string) => `Basic ${Buffer.from(`any:${attempt}`).toString('base64')}`;

/** How many of 120 wrong passwords are checked before the answer is 429. */
async function lookedAt(attempt: Try, originOf: (n: number) => Origin): Promise<number> {
  for (let n = 0; n < 120; n++) {
    const { status } = await attempt('wrong', originOf(n));
    if (status === 429) return n;
    expect(status).toBe(401);
  }
  return 120;
}

const trusted = ['127.0.0.0/8'];
const cases: { who: string; trustedProxies: string[]; originOf: (n: number) => Origin; count: number }[] = [
  { who: 'one address', trustedProxies: [], originOf: () => ({}), count: 10 },
  {
    who: 'one address that claims a different one each time',
    trustedProxies: [],
    originOf: (n) => ({ forwardedFor: `203.0.113.${n}` }),
    count: 10,
  },
  {
    who: 'an untrusted address that claims to be a proxy',
    trustedProxies: ['127.0.0.2/32'],
    originOf: (n) => ({ forwardedFor: `203.0.113.${n}, 127.0.0.2` }),
    count: 10,
  },
  {
    who: 'a caller behind a trusted proxy that claims a different address each time',
    trustedProxies: trusted,
    originOf: (n) => ({ forwardedFor: `198.51.100.${n}, 203.0.113.5` }),
    count: 10,
  },
  {
    who: 'a caller behind two trusted proxies',
    trustedProxies: [...trusted, '10.0.0.0/8'],
    originOf: (n) => ({ forwardedFor: `198.51.100.${n}, 203.0.113.5, 10.0.0.${n}` }),
    count: 10,
  },
  {
    who: 'a caller whose proxy adds the port',
    trustedProxies: trusted,
    originOf: (n) => ({ forwardedFor: `203.0.113.5:${40_000 + n}` }),
    count: 10,
  },
  {
    who: 'an IPv6 caller whose proxy adds the port',
    trustedProxies: trusted,
    originOf: (n) => ({ forwardedFor: `[2001:db8::5]:${40_000 + n}` }),
    count: 10,
  },
  {
    who: 'a caller with an IPv6 network',
    trustedProxies: trusted,
    originOf: (n) => ({ forwardedFor: `2001:db8:0:${n}::${n}` }),
    count: 10,
  },
  {
    who: 'a different address each time',
    trustedProxies: [],
    originOf: (n) => ({ from: `127.0.1.${n}` }),
    count: 100,
  },
  {
    who: 'a different caller each time behind a trusted proxy',
    trustedProxies: trusted,
    originOf: (n) => ({ forwardedFor: `203.0.113.${n}` }),
    count: 100,
  },
];

describe.each([
  ['the form', byForm],
  ['Basic', byBasic],
])('wrong passwords by %s', (_way, attempt) => {
  it.each(cases)('of $who are checked $count times per minute', async ({ trustedProxies, originOf, count }) => {
    await start({ trustedProxies, secureCookie: true });
    expect(await lookedAt(attempt, originOf)).toBe(count);
  });

  it('of one caller do not lock out other callers behind the same trusted proxy', async () => {
    await start({ trustedProxies: trusted });
    expect(await lookedAt(attempt, () => ({ forwardedFor: '203.0.113.5' }))).toBe(10);
    // attempts that are refused for their address do not count for the total limit
    for (let n = 0; n < 120; n++) await attempt('wrong', { forwardedFor: '203.0.113.5' });
    expect((await attempt(password, { forwardedFor: '203.0.113.6' })).status).not.toBe(429);
    expect((await attempt(password, { forwardedFor: '203.0.113.5' })).status).toBe(429);
  });

  it('that are sent concurrently are not checked more often', async () => {
    await start();
    const answers = await Promise.all(Array.from({ length: 40 }, () => attempt('wrong')));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
  });
});

describe('while wrong passwords are refused for all', () => {
  let cookie: string;
  beforeEach(async () => {
    await start();
    const { headers } = await byForm(password);
    cookie = cookieOf(headers);
    await lookedAt(byForm, (n) => ({ from: `127.0.1.${n}` }));
  });

  it('the right one is also refused, with Retry-After', async () => {
    const answer = await byForm(password, { from: '127.0.2.1' });
    expect(answer.status).toBe(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('existing sessions still work', async () => {
    expect((await call('/', { headers: { cookie } })).status).toBe(200);
  });
});

describe('the right password', () => {
  it('is never counted, even when many are sent concurrently', async () => {
    await start();
    const calls = Array.from({ length: 150 }, () => call('/', { headers: { authorization: basic } }));
    expect(new Set((await Promise.all(calls)).map(({ status }) => status))).toEqual(new Set([200]));
  });

  it.each([true, false])('sets a cookie that is for HTTPS only: %s', async (secureCookie) => {
    await start({ secureCookie });
    const { headers } = await byForm(password);
    const cookies = headers['set-cookie'] ?? [];
    expect(cookies).toHaveLength(2);
    expect(cookies.map((each) => /; secure/i.test(each))).toEqual([secureCookie, secureCookie]);
    expect((await call('/', { headers: { cookie: cookieOf(headers) } })).status).toBe(200);
  });
});

describe('a request that cannot be read', () => {
  it.each([
    { what: 'a body in an unknown charset', charset: '; charset=hemlock', body: 'password=x', status: 415 },
    { what: 'a body that is too large', charset: '', body: `password=${'hemlock'.repeat(1_000)}`, status: 413 },
  ])('such as $what is answered without quoting it', async ({ charset, body, status }) => {
    const type = `application/x-www-form-urlencoded${charset}`;
    await start();
    const answer = await call('/login', { method: 'POST', headers: { 'content-type': type }, body });
    expect(answer).toMatchObject({ status, body: JSON.stringify({ error: 'The request cannot be read.' }) });
    expect(board.faults).toEqual([]);
  });

  it('such as a path that cannot be decoded is answered without a stack', async () => {
    await start();
    const paths = ['/static/%ff', '/queue/%ff', '/api/queues/%ff/1'];
    const answers = await Promise.all(paths.map((path) => call(path, { headers: { authorization: basic } })));
    for (const { status, body } of answers) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(body).not.toMatch(/at .*:\d+/);
    }
  });
});

const cookieOf = (headers: IncomingHttpHeaders) =>
  (headers['set-cookie'] ?? []).map((each) => each.split(';')[0]).join('; ');
