import { randomUUID } from 'node:crypto';
import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { startTestRedis, type TestRedis } from '@rerank-fleet/queue/testing';
import { until } from '@rerank-fleet/test-support';
import { basic, password, startBoard, type TestBoard } from './testing';

const queue = 'tiny@1';
const name = encodeURIComponent(queue);
const secretSentence = 'the merger closes on friday';

let redis: TestRedis;
let board: TestBoard;
let prefix: string;

beforeAll(async () => (redis = await startTestRedis()));
afterAll(() => redis.stop());
afterEach(() => board.close());

async function started(options: { isWritable?: boolean } = {}): Promise<void> {
  prefix = randomUUID();
  board = await startBoard({ redis: redis.server, prefix, ...options });
  board.board.show([queue]);
  await until(async () => (await call('/api/queues')).status === 200);
}

const call = (path: string, init: RequestInit = {}) =>
  fetch(`${board.url}${path}`, {
    redirect: 'manual',
    ...init,
    headers: { authorization: basic, accept: 'application/json', ...init.headers },
  });

const anonymous = (path: string, accept = 'application/json') =>
  fetch(`${board.url}${path}`, { redirect: 'manual', headers: { accept } });

const logIn = (attempt: string) =>
  fetch(`${board.url}/login`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ password: attempt }) });

const cookieOf = (answer: Response) =>
  answer.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');

describe('without the password', () => {
  beforeEach(() => started());

  it.each(['/', `/queue/${name}`, '/api/queues', `/api/queues/${name}/1`, '/static/css/main.css', '/nothing'])(
    'nothing is shown at %s',
    async (path) => {
      const answer = await anonymous(path);
      expect(answer.status).toBe(401);
      expect(await answer.json()).toEqual({ error: 'Log in first.' });
    },
  );

  it('a browser is led to the form', async () => {
    const answer = await anonymous('/', 'text/html');
    expect([answer.status, answer.headers.get('location')]).toEqual([303, './login']);
    expect(await (await anonymous('/login', 'text/html')).text()).toContain('type="password"');
  });

  it('a forged cookie gives no access', async () => {
    const value = Buffer.from(JSON.stringify({ endsAtMs: Date.now() + 60_000 })).toString('base64');
    const cookie = `rerank-board=${value}; rerank-board.sig=${'a'.repeat(27)}`;
    const answer = await fetch(`${board.url}/api/queues`, { headers: { cookie, accept: 'application/json' } });
    expect(answer.status).toBe(401);
  });
});

describe('with the password', () => {
  beforeEach(() => started());

  it('a session opens the board until it is left', async () => {
    const answer = await logIn(password);
    expect(answer.status).toBe(303);
    const cookies = answer.headers.getSetCookie();
    expect(cookies.every((cookie) => /httponly/i.test(cookie) && /samesite=strict/i.test(cookie))).toBe(true);
    const cookie = cookieOf(answer);
    const page = await fetch(`${board.url}/`, { headers: { cookie } });
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Rerank Fleet')]);
    const left = await fetch(`${board.url}/logout`, { redirect: 'manual', headers: { cookie } });
    expect(left.headers.getSetCookie().some((each) => each.startsWith('rerank-board=;'))).toBe(true);
  });

  it('a session ends after twelve hours, even for a copy of its cookie', async () => {
    const cookie = cookieOf(await logIn(password));
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 12 * 60 * 60 * 1000 + 1);
    const answer = await fetch(`${board.url}/api/queues`, { headers: { cookie, accept: 'application/json' } });
    clock.mockRestore();
    expect(answer.status).toBe(401);
  });

  it('a script is not locked out by answers of the board that are errors', async () => {
    for (let attempt = 1; attempt <= 12; attempt++) expect((await call('/api/no/such/thing')).status).toBe(403);
    expect((await call('/api/queues')).status).toBe(200);
  });

  it('the page loads its own files and may load none of another host', async () => {
    const page = await call('/');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toMatch(/https?:/);
    expect(policy).not.toContain('upgrade-insecure-requests');
    const files = [...(await page.text()).matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map(([, path]) => path);
    expect(files.length).toBeGreaterThan(2);
    for (const path of files) expect((await call(`/${path}`)).status).toBe(200);
  });

  it('queues that the fleet gets are shown, and those that it forgets are not', async () => {
    const shown = async () => {
      const { queues } = (await (await call('/api/queues')).json()) as { queues: { name: string }[] };
      return queues.map((each) => each.name).sort();
    };
    expect(await shown()).toEqual([queue]);
    board.board.show([queue, 'tiny@2']);
    expect(await shown()).toEqual([queue, 'tiny@2']);
    board.board.show(['tiny@2']);
    expect(await shown()).toEqual(['tiny@2']);
  });
});

describe("a user's words", () => {
  beforeEach(() => started());

  it('are in no answer of the board, whatever became of the job', async () => {
    const bull = board.observer.bullQueue(queue);
    const data = { v: 1, requestId: randomUUID(), query: secretSentence, documents: [secretSentence], priority: 3 };
    const waiting = await bull.add('rerank', data, { priority: 4 });
    const failed = await bull.add('rerank', data, { priority: 4 });
    const key = `{${prefix}}:bull:${queue}`;
    await redis.client.zrem(`${key}:prioritized`, failed.id ?? '');
    await redis.client.zadd(`${key}:failed`, Date.now(), failed.id ?? '');
    await redis.client.hset(`${key}:${failed.id}`, {
      failedReason: `could not score "${secretSentence}"`,
      stacktrace: JSON.stringify([`Error: ${secretSentence}\n    at score`]),
      progress: JSON.stringify({ at: secretSentence }),
      returnvalue: JSON.stringify(secretSentence),
    });
    await failed.log(secretSentence);
    const paths = [
      '/api/queues?status=failed',
      `/api/queues?activeQueue=${name}&status=latest&page=1&jobsPerPage=10`,
      `/api/queues?activeQueue=${name}&status=failed&page=1&jobsPerPage=10`,
      ...[waiting, failed].flatMap(({ id }) => [
        `/api/queues/${name}/${id}`,
        `/api/queues/${name}/${id}/logs`,
        `/api/queues/${name}/${id}/flow`,
        `/API/queues/${name}/${id}/flow?root=node`,
      ]),
    ];
    const texts = await Promise.all(paths.map(async (path) => (await call(path)).text()));
    expect(texts.filter((text) => /merger|friday/.test(text))).toEqual([]);
    const job = (await (await call(`/api/queues/${name}/${failed.id}`)).json()) as {
      job: { data: object; failedReason: string };
    };
    expect(job.job.data).toMatchObject({ requestId: data.requestId, documents: 1, queryCharacters: 27, priority: 3 });
    expect(job.job.failedReason).toBe('hidden (45 characters)');
  });

  it('are kept out, while the reasons that BullMQ gives are shown', async () => {
    const bull = board.observer.bullQueue(queue);
    const { id } = await bull.add('rerank', {}, { priority: 1 });
    const failedReason = 'job stalled more than allowable limit';
    await redis.client.hset(`{${prefix}}:bull:${queue}:${id}`, { failedReason });
    expect(await (await call(`/api/queues/${name}/${id}`)).json()).toMatchObject({ job: { failedReason } });
  });
});

/** Every call of bull-board that changes something. */
const changes = [
  ['PUT', '/api/queues/pause'],
  ['PUT', '/api/queues/resume'],
  ['POST', `/api/queues/${name}/add`],
  ['PUT', `/api/queues/${name}/retry/failed`],
  ['PUT', `/api/queues/${name}/promote`],
  ['PUT', `/api/queues/${name}/clean/failed`],
  ['PUT', `/api/queues/${name}/pause`],
  ['PUT', `/api/queues/${name}/resume`],
  ['PUT', `/api/queues/${name}/concurrency`],
  ['PUT', `/api/queues/${name}/rate-limit`],
  ['PUT', `/api/queues/${name}/rate-limit/release`],
  ['PUT', `/api/queues/${name}/empty`],
  ['PUT', `/api/queues/${name}/obliterate`],
  ['PUT', `/api/queues/${name}/job-schedulers/s/remove`],
  ['PATCH', `/api/queues/${name}/job-schedulers/s`],
  ['PUT', `/api/queues/${name}/job-schedulers/s/run`],
  ['PUT', `/api/queues/${name}/1/retry`],
  ['PUT', `/api/queues/${name}/1/clean`],
  ['PUT', `/api/queues/${name}/1/promote`],
  ['PATCH', `/api/queues/${name}/1/update-data`],
  ['PATCH', `/api/queues/${name}/1/delay`],
  ['PATCH', `/api/queues/${name}/1/priority`],
  ['PUT', `/api/queues/${name}/1/remove-unprocessed-children`],
] as const;

describe('a read-only board', () => {
  beforeEach(() => started());

  it.each(changes)('refuses %s %s', async (method, path) => {
    const answer = await call(path, { method, headers: { origin: board.url } });
    expect([answer.status, await answer.json()]).toEqual([403, { error: 'This board is read-only.' }]);
  });
});

describe('a writable board', () => {
  beforeEach(() => started({ isWritable: true }));

  const isPaused = () => board.observer.bullQueue(queue).isPaused();

  it('pauses and resumes a queue for its own page', async () => {
    const put = (action: string) =>
      call(`/api/queues/${name}/${action}`, { method: 'PUT', headers: { origin: board.url } });
    expect((await put('pause')).status).toBe(200);
    expect(await isPaused()).toBe(true);
    expect((await put('resume')).status).toBe(200);
    expect(await isPaused()).toBe(false);
  });

  it.each<{ what: string; headers: Record<string, string> }>([
    { what: 'another origin', headers: { origin: 'http://elsewhere.example' } },
    { what: 'no origin', headers: {} },
    { what: 'a page of another site', headers: { 'sec-fetch-site': 'cross-site' } },
  ])('changes nothing for $what', async ({ headers }) => {
    const answer = await call(`/api/queues/${name}/pause`, { method: 'PUT', headers });
    expect(answer.status).toBe(403);
    expect(await isPaused()).toBe(false);
  });

  it('neither adds nor changes jobs', async () => {
    for (const [method, path] of changes.filter(([, path]) =>
      /add|update-data|obliterate|retry|concurrency/.test(path),
    )) {
      expect((await call(path, { method, headers: { origin: board.url } })).status).toBe(403);
    }
  });
});

it('answers in JSON where Express and Node would not', async () => {
  await started();
  const statuses = [
    ['/nothing', {}, 404],
    ['http://user%@host/', {}, 404],
    ['/%', {}, 404],
    ['http://[::1/', {}, 400],
    ['/', { expect: 'more' }, 417],
  ] as const;
  for (const [path, headers, status] of statuses) {
    const answer = await ask(path, { authorization: basic, accept: 'application/json', ...headers });
    expect([path, answer.status, answer.type]).toEqual([path, status, 'application/json; charset=utf-8']);
    expect(answer.error).toEqual(expect.any(String));
  }
});

/** As `fetch`, with what it does not send. */
function ask(path: string, headers: Record<string, string>) {
  const { port } = new URL(board.url);
  return new Promise<{ status: number | undefined; type: string | undefined; error: unknown }>((resolve, reject) => {
    get({ port, path, headers }, (response) => {
      const { statusCode: status, headers } = response;
      text(response).then((body) => resolve({ status, type: headers['content-type'], error: read(body) }), reject);
    }).once('error', reject);
  });
}

function read(body: string): unknown {
  return body.startsWith('{') ? (JSON.parse(body) as { error?: unknown }).error : undefined;
}
