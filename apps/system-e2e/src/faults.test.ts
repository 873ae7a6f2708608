import { until } from '@rerank-fleet/test-support';
import { answers, post, scrape, startFleet, sum, terminate, type Member, type TestFleet } from './fleet';

const request = {
  query: 'where do jobs wait?',
  documents: ['Jobs wait on a queue in Redis.', 'Bread is baked at dawn.'],
};
/** About half a minute of work for one session, so that a test can act during the request. */
const large = { query: 'slow', documents: Array.from({ length: 900 }, (_, i) => `${i} ${'filler words '.repeat(60)}`) };

let fleet: TestFleet;
let gateway: Member;

beforeEach(async () => {
  fleet = await startFleet();
});
afterEach(() => fleet.stop(), 30_000);

/** The longest wait. On a busy machine, the large request would be refused with 413 with a shorter wait. */
const headers = { 'x-request-timeout-ms': '900000' };
const rank = (body: object = request) => post(`${gateway.url}/rerank`, body, { headers });

describe('a fleet in trouble', () => {
  it('answers 503 with Retry-After until a worker is ready, and then ranks', async () => {
    gateway = await fleet.startGateway();
    const refused = await rank();
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([503, true]);
    await fleet.startWorker();
    expect((await rank()).status).toBe(200);
  }, 60_000);

  it('answers every request although one of two workers is killed under load', async () => {
    gateway = await fleet.startGateway();
    const [victim] = await Promise.all([fleet.startWorker(), fleet.startWorker()]);
    const pending = Array.from({ length: 40 }, () => rank());
    await Promise.race(pending);
    victim.process.kill('SIGKILL');
    const statuses = (await Promise.all(pending)).map((response) => response.status);
    expect(new Set(statuses)).toEqual(new Set([200]));
  }, 60_000);

  it('refuses quickly while Redis hangs, and ranks again when Redis continues', async () => {
    gateway = await fleet.startGateway();
    await fleet.startWorker();
    expect((await rank()).status).toBe(200);
    fleet.redis.kill('SIGSTOP');
    const refused = await rank();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    await answers(`${gateway.url}/ready`, 503);
    fleet.redis.kill('SIGCONT');
    await until(async () => (await rank()).status === 200);
  }, 60_000);

  it('answers requests in progress although Redis is killed and restarted', async () => {
    gateway = await fleet.startGateway();
    await fleet.startWorker();
    const pending = Array.from({ length: 20 }, () =>
      rank({ ...request, documents: [...request.documents, 'x '.repeat(300)] }),
    );
    await Promise.race(pending);
    await terminate(fleet.redis, 'SIGKILL');
    await fleet.restartRedis();
    const statuses = (await Promise.all(pending)).map((response) => response.status);
    // requests that arrive while Redis is down are refused; none is lost or wrong
    expect(statuses.every((status) => status === 200 || status === 503)).toBe(true);
    await until(async () => (await rank()).status === 200);
  }, 60_000);

  it('reports that a worker with a loaded model waits for Redis, and the worker joins when Redis is up', async () => {
    await terminate(fleet.redis, 'SIGKILL');
    const joining = fleet.startWorker();
    await until(() => fleet.workers.length === 1);
    const reasons = async () => {
      const answer = await fetch(`${fleet.workers[0]?.opsUrl}/ready`);
      return ((await answer.json()) as { reasons: string[] }).reasons;
    };
    await until(async () => (await reasons())[0] === 'Redis does not answer');
    await fleet.restartRedis();
    await joining;
    expect(await reasons()).toEqual([]);
  }, 60_000);

  it('refuses a second large request with 429 and a computed Retry-After, and the one after a killed gateway is admitted', async () => {
    gateway = await fleet.startGateway();
    const other = await fleet.startGateway();
    const worker = await fleet.startWorker();
    const first = rank(large).catch(() => undefined);
    await until(async () => sum(await scrape(gateway.opsUrl), 'reranker_http_requests_in_flight') > 0);
    let full: Response | undefined;
    await until(async () => {
      full = await post(`${other.url}/rerank`, large, { headers });
      return full.status === 429;
    });
    expect(Number(full?.headers.get('retry-after'))).toBeGreaterThan(0);
    await terminate(gateway.process, 'SIGKILL');
    await first;
    await until(async () => (await post(`${other.url}/rerank`, request)).status === 200);
    expect(worker.process.exitCode).toBeNull();
  }, 90_000);

  it('drains on SIGTERM: taken jobs are answered, and the worker exits with 0', async () => {
    gateway = await fleet.startGateway();
    const worker = await fleet.startWorker();
    const pending = Array.from({ length: 5 }, () => rank());
    await Promise.race(pending);
    const code = terminate(worker.process, 'SIGTERM');
    await fleet.startWorker();
    expect((await Promise.all(pending)).map((response) => response.status)).toEqual([200, 200, 200, 200, 200]);
    expect(await code).toBe(0);
  }, 60_000);

  it('leaves the registry although SIGTERM comes at the moment of its announcement', async () => {
    const worker = await fleet.launchWorker({ DRAIN_LIMIT_MS: '500' });
    while ((await fleet.announcedWorkers()) === 0);
    expect(await terminate(worker.process, 'SIGTERM')).toBe(0);
    expect(await fleet.announcedWorkers()).toBe(0);
  }, 60_000);

  it('answers callers that still wait at the end of a gateway’s drain with Retry-After', async () => {
    gateway = await fleet.startGateway({ DRAIN_LIMIT_MS: '300' });
    await fleet.startWorker();
    const waiting = rank(large);
    await until(async () => sum(await scrape(gateway.opsUrl), 'reranker_http_requests_in_flight') > 0);
    const code = terminate(gateway.process, 'SIGTERM');
    const response = await waiting;
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await code).toBe(0);
  }, 60_000);

  it('answers 503 to requests whose jobs are lost with the data of Redis', async () => {
    gateway = await fleet.startGateway();
    const worker = await fleet.startWorker();
    await terminate(worker.process, 'SIGKILL');
    let isAnswered = false;
    const waiting = rank().finally(() => (isAnswered = true));
    // an early answer is checked below
    const isQueued = async () => (await fleet.waitingJobs('multilingual-e5-small@1')) > 0;
    await until(async () => isAnswered || (await isQueued()));
    await fleet.flushRedis();
    const response = await waiting;
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  }, 60_000);
});
