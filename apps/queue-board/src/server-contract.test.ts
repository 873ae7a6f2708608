import { once } from 'node:events';
import type { Server } from 'node:http';
import { openQueueObserver, type QueueObserver } from '@rerank-fleet/queue';
import { startTestRedis, type TestRedis } from '@rerank-fleet/queue/testing';
import { RedactingAdapter } from './redacting-adapter';
import { serveUnprotected } from './testing';

const queue = 'tiny@1';
const calls = `api/queues/${encodeURIComponent(queue)}`;

let redis: TestRedis;
let observer: QueueObserver;
let server: Server;
let root: string;

beforeAll(async () => {
  redis = await startTestRedis();
  observer = openQueueObserver({ redis: redis.server, prefix: 'p', onError: () => undefined });
});
afterAll(async () => {
  await observer.close();
  await redis.stop();
});

const send = (method: string, path: string, body?: object) =>
  fetch(new URL(path, root), {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });

// bull-board proves each of its own server adapters by these promises; it does not publish that suite
describe.each(['/', '/ui/'])("bull-board's contract of a server adapter, under %s", (path) => {
  beforeAll(async () => {
    const board = await serveUnprotected(new RedactingAdapter(observer.bullQueue(queue)), path);
    server = board.server;
    root = `${board.url}${path}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it('the page comes with its configuration, and its base is where the board is mounted', async () => {
    const page = await (await send('GET', '')).text();
    const base = /<base [^>]*href="([^"]*)"/.exec(page)?.[1] ?? '';
    expect(new URL(base, root).href).toBe(root);
    expect(page).toMatch(/<script id="__UI_CONFIG__"[^>]*>\s*\{/);
  });

  it('files of the page are served', async () => {
    const [, file = ''] = /src="(static\/[^"]+\.js)"/.exec(await (await send('GET', '')).text()) ?? [];
    const answer = await send('GET', file);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining('javascript')]);
  });

  it('queues are listed in JSON', async () => {
    const answer = await send('GET', 'api/queues');
    expect([answer.status, await answer.json()]).toMatchObject([200, { queues: [{ name: queue, type: 'bullmq' }] }]);
  });

  it('the body of a call is read: a job is added', async () => {
    const answer = await send('POST', `${calls}/add`, { name: 'rerank', data: { priority: 3 }, options: {} });
    expect(answer.status).toBe(200);
    const { job } = (await answer.json()) as { job: { id: string } };
    expect((await observer.bullQueue(queue).getJob(job.id))?.data).toEqual({ priority: 3 });
  });

  it('a queue is paused and resumed', async () => {
    expect((await send('PUT', `${calls}/pause`)).ok).toBe(true);
    expect(await observer.bullQueue(queue).isPaused()).toBe(true);
    expect((await send('PUT', `${calls}/resume`)).ok).toBe(true);
    expect(await observer.bullQueue(queue).isPaused()).toBe(false);
  });

  it('an unknown queue is refused in JSON', async () => {
    const answer = await send('PUT', 'api/queues/unknown/pause');
    expect([answer.status, await answer.json()]).toEqual([404, { error: { key: expect.any(String) as string } }]);
  });
});
