import { once } from 'node:events';
import type { Server } from 'node:http';
import { inspect } from 'node:util';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { appRoutes } from '@bull-board/api/dist/routes.js';
import { openQueueObserver, type QueueObserver } from '@rerank-fleet/queue';
import { startTestRedis, type TestRedis } from '@rerank-fleet/queue/testing';
import { RedactingAdapter } from './redacting-adapter';
import { serveUnprotected } from './testing';

const queue = 'tiny@1';
const secret = 'the merger closes on friday';
const data = { query: secret, instruction: secret, documents: [secret], note: { deep: secret } };

let redis: TestRedis;
let observer: QueueObserver;
let bull: ReturnType<QueueObserver['bullQueue']>;
let jobId: string;

beforeAll(async () => {
  redis = await startTestRedis();
  observer = openQueueObserver({ redis: redis.server, prefix: 'p', onError: () => undefined });
  bull = observer.bullQueue(queue);
});
afterAll(async () => {
  await observer.close();
  await redis.stop();
});

/** A queue with a job that failed and is part of a flow, and with a scheduler. A user's text is in all their fields. */
beforeEach(async () => {
  await redis.client.flushall();
  const job = await bull.add('rerank', data);
  jobId = job.id ?? '';
  await bull.add('rerank', data, { parent: { id: jobId, queue: bull.qualifiedName } });
  await bull.upsertJobScheduler('s', { every: 60_000 }, { name: 'rerank', data });
  await redis.client.lrem(bull.toKey('wait'), 0, jobId);
  await redis.client.zrem(bull.toKey('waiting-children'), jobId);
  await redis.client.zadd(bull.toKey('failed'), Date.now(), jobId);
  await redis.client.hset(bull.toKey(jobId), {
    failedReason: secret,
    defa: secret,
    stacktrace: JSON.stringify([secret]),
    progress: JSON.stringify({ at: secret }),
    returnvalue: JSON.stringify(secret),
  });
  await job.log(secret);
});

/** All that a program can read of a result by itself: own and inherited properties, without the job's own queue. */
function readable(result: unknown): string {
  if (Array.isArray(result)) return result.map(readable).join('\n');
  if (typeof result !== 'object' || result === null) return String(result);
  const fields: [string, unknown][] = [];
  for (const name in result) {
    if (name !== 'queue' && name !== 'backend') fields.push([name, Reflect.get(result, name)]);
  }
  return JSON.stringify(result) + inspect(fields, { depth: 8, maxStringLength: null, maxArrayLength: null });
}

/** Names of all members of a class and of what it extends, of private ones too. */
function membersOf(made: { prototype: object }): string[] {
  const names = new Set<string>();
  for (let at = made.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  names.delete('constructor');
  return [...names].sort();
}

/** What each member of bull-board's adapter is called with. */
const callsOf = async (adapter: BullMQAdapter): Promise<Record<string, unknown[]>> => {
  const scheduler = await bull.getJobScheduler('s');
  return {
    addJob: ['rerank', data, {}],
    clean: ['failed', 0],
    empty: [],
    findLastRunId: [scheduler],
    format: ['data', 'text'],
    getActiveRateLimitTtl: [],
    getArmedJobSchedulerId: [await bull.getJob(jobId)],
    getConfiguredRateLimit: [],
    getDatastoreStats: [],
    getDescription: [],
    getDisplayName: [],
    getFlowProducer: [],
    getGlobalConcurrency: [],
    getJob: [jobId],
    getJobCounts: [],
    getJobDataSchema: [],
    getJobLogs: [jobId],
    getJobSchedulers: [],
    getJobSchedulersCount: [],
    getJobStatuses: [],
    getJobs: [adapter.getJobStatuses(), 0, 10],
    getMetrics: ['failed', 0, 10],
    getName: [],
    getQueueDefaultJobOptions: [],
    getQueueKey: ['failed'],
    getQueueName: [],
    getQueuePrefix: [],
    getQueueQualifiedName: [],
    getRedisInfo: [],
    getSchedulerRuns: [scheduler],
    getStatuses: [],
    getWorkers: [],
    hasPausedState: [],
    isPaused: [],
    isVisible: [{}],
    normalizeWorkers: [[], ':w:'],
    obliterate: [{ force: true }],
    pause: [],
    promoteAll: [],
    releaseActiveRateLimit: [],
    removeConfiguredRateLimit: [],
    removeJobScheduler: ['s'],
    resume: [],
    runJobSchedulerNow: ['s'],
    schedulerRunId: ['s', 1],
    setConfiguredRateLimit: [{ max: 1, duration: 1000 }],
    setFormatter: ['data', String],
    setGlobalConcurrency: [2],
    setVisibilityGuard: [() => true],
    supportsGlobalRateLimit: [],
    supportsJobSchedulerRun: [],
    supportsJobSchedulerUpdate: [],
    updateJobScheduler: ['s', { every: 30_000 }],
  };
};

/** The connection itself, which bull-board's page has no use for. */
const connections = ['getClient', 'resolveRedisClient'];

async function readableBy(adapter: BullMQAdapter, name: string): Promise<string> {
  const member: unknown = Reflect.get(adapter, name);
  if (typeof member !== 'function') return readable(member);
  const call = (await callsOf(adapter))[name] ?? [];
  return readable(await (member as (...call: unknown[]) => unknown).apply(adapter, call));
}

describe("bull-board's adapter of a queue", () => {
  it('has no member that these tests do not know', async () => {
    const known = Object.keys(await callsOf(new BullMQAdapter(bull)));
    expect(membersOf(BullMQAdapter)).toEqual([...known, ...connections].sort());
  });

  const members = membersOf(BullMQAdapter).filter((name) => !connections.includes(name));

  it.each(members)("gives no user's text by %s when it redacts", async (name) => {
    expect(await readableBy(new RedactingAdapter(bull), name)).not.toContain(secret);
  });

  const telling = ['addJob', 'getJob', 'getJobLogs', 'getJobSchedulers', 'getJobs', 'runJobSchedulerNow'];

  it.each(telling)('would give it by %s', async (name) => {
    expect(await readableBy(new BullMQAdapter(bull), name)).toContain(secret);
  });
});

describe("calls of bull-board's page", () => {
  let server: Server;

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  /** The answer of a board without our list of allowed calls, where the board may change everything. */
  async function answerOf(adapter: BullMQAdapter, method: string, route: string): Promise<string> {
    const board = await serveUnprotected(adapter);
    server = board.server;
    const values: Record<string, string> = { queueName: queue, jobId, queueStatus: 'failed', schedulerId: 's' };
    const path = route.replace(/:(\w+)/g, (_, name: string) => {
      if (values[name] === undefined) throw new Error(`${route} has a part that this test does not know`);
      return encodeURIComponent(values[name]);
    });
    const query = new URLSearchParams({ activeQueue: queue, status: 'failed', page: '1', jobsPerPage: '10' });
    const url = new URL(`${path}?${query}`, board.url);
    const body = { name: 'rerank', data, options: {}, jobData: data, every: 30_000, priority: 1, concurrency: 1 };
    const init = { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    return (await fetch(url, method === 'get' ? {} : { ...init, method: method.toUpperCase() })).text();
  }

  const calls = appRoutes.api.flatMap(({ method, route }) =>
    [route].flat().flatMap((path) => [method].flat().map((each) => [each, path] as const)),
  );

  it.each(calls)("have no user's text in the answer of %s %s", async (method, route) => {
    expect(await answerOf(new RedactingAdapter(bull), method, route)).not.toContain(secret);
  });

  it.each([
    ['get', '/api/queues'],
    ['get', '/api/job-schedulers'],
    ['get', '/api/queues/:queueName/:jobId'],
    ['get', '/api/queues/:queueName/:jobId/logs'],
    ['get', '/api/queues/:queueName/:jobId/flow'],
    ['post', '/api/queues/:queueName/add'],
    ['put', '/api/queues/:queueName/job-schedulers/:schedulerId/run'],
  ])('would have it in the answer of %s %s', async (method, route) => {
    expect(await answerOf(new BullMQAdapter(bull), method, route)).toContain(secret);
  });
});
