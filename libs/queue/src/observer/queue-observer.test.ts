import { randomUUID } from 'node:crypto';
import type { WorkerAnnouncement } from '@rerank-fleet/contract';
import { until } from '@rerank-fleet/test-support';
import { fleetKeys } from '../redis/keys';
import { openQueueObserver, type QueueObserver } from './queue-observer';
import { workerHeartbeat } from '../worker/scripts';
import { someAnnouncement, startTestRedis, type TestRedis } from '../testing/index';

const queue = 'tiny@1';
let redis: TestRedis;
let observer: QueueObserver | undefined;

beforeAll(async () => (redis = await startTestRedis()));
afterEach(async () => {
  await observer?.close();
  observer = undefined;
});
afterAll(() => redis.stop());

/** A fleet's keys with one worker of `tiny@1`, seen just now, and an observer of it. */
async function started() {
  const keys = fleetKeys(randomUUID());
  const prefix = keys.gateways.slice(0, -':gateways'.length);
  const announce = (worker: WorkerAnnouncement) =>
    workerHeartbeat(redis.client, keys, {
      workerId: worker.workerId,
      bundle: `${worker.bundle.name}@${worker.bundle.version}`,
      announcement: JSON.stringify(worker),
      answered: undefined,
      sinceMs: 0,
    });
  await announce(someAnnouncement('a', { tokensPerSecond: 100 }));
  const opened = openQueueObserver({ redis: redis.server, prefix, onError: () => undefined });
  observer = opened;
  await until(async () => (await opened.read().catch(() => [])).length > 0);
  return { keys, announce, observer: opened, read: async () => (await opened.read())[0] };
}

/** A time so many ms ago on Redis' clock. */
async function ago(ageMs: number): Promise<number> {
  const [seconds, micros] = await redis.client.time();
  return Number(seconds) * 1000 + Number(micros) / 1000 - ageMs;
}

describe('a reading', () => {
  it('of an idle queue has zeros, its live workers and what they measured together', async () => {
    const { announce, read } = await started();
    await announce(someAnnouncement('b', { tokensPerSecond: 50 }));
    expect(await read()).toEqual({
      queue,
      jobs: { prioritized: 0, waiting: 0, active: 0, delayed: 0, failed: 0 },
      oldestWaitingMs: 0,
      isPaused: false,
      workers: 2,
      inFlightTokens: 0,
      tokensPerSecond: 150,
    });
  });

  it('counts jobs by state', async () => {
    const { keys, observer: opened, read } = await started();
    const bull = opened.bullQueue(queue);
    await bull.add('rerank', {}, { priority: 1 });
    await bull.add('rerank', {}, { priority: 5 });
    await bull.add('rerank', {});
    await bull.add('rerank', {}, { delay: 60_000, priority: 1 });
    await redis.client.lpush(`${keys.bullPrefix}:${queue}:active`, 'x', 'y', 'z');
    await redis.client.zadd(`${keys.bullPrefix}:${queue}:failed`, 1, 'f', 2, 'g');
    expect((await read())?.jobs).toEqual({ prioritized: 2, waiting: 1, active: 3, delayed: 1, failed: 2 });
  });

  it.each([
    { name: 'of the least urgent priority', priority: 900 },
    { name: 'of the most urgent priority', priority: 1 },
    { name: 'back in the wait list without a priority', priority: undefined },
  ])('takes the age of the job that has waited longest, $name', async ({ priority }) => {
    const { observer: opened, read } = await started();
    const bull = opened.bullQueue(queue);
    await bull.add('rerank', {}, { timestamp: await ago(90_000), ...(priority !== undefined && { priority }) });
    for (const each of [1, 7, 7, 40]) await bull.add('rerank', {}, { priority: each, timestamp: await ago(1_000) });
    const reading = await read();
    expect(reading?.oldestWaitingMs).toBeGreaterThanOrEqual(90_000);
    expect(reading?.oldestWaitingMs).toBeLessThan(120_000);
  });

  it('takes the age of the oldest job that came back from dead workers, wherever it lies among them', async () => {
    const { observer: opened, read } = await started();
    const bull = opened.bullQueue(queue);
    for (const age of [1_000, 90_000, 2_000]) await bull.add('rerank', {}, { timestamp: await ago(age) });
    expect((await read())?.oldestWaitingMs).toBeGreaterThanOrEqual(90_000);
  });

  it('does not take a job of the future as a negative age', async () => {
    const { observer: opened, read } = await started();
    await opened.bullQueue(queue).add('rerank', {}, { priority: 1, timestamp: await ago(-60_000) });
    expect((await read())?.oldestWaitingMs).toBe(0);
  });

  it('reports a paused queue', async () => {
    const { observer: opened, read } = await started();
    await opened.bullQueue(queue).pause();
    expect((await read())?.isPaused).toBe(true);
    await opened.bullQueue(queue).resume();
    expect((await read())?.isPaused).toBe(false);
  });

  it('sums what live gateways have in flight, and not what a dead one had', async () => {
    const { keys, read } = await started();
    await redis.client.hset(keys.gateways, { live: await ago(0), other: await ago(1_000), dead: await ago(60_000) });
    await redis.client.hset(keys.inFlightTokens(queue), { live: 30, other: 12, dead: 500 });
    expect((await read())?.inFlightTokens).toBe(42);
  });

  it('keeps a queue whose workers are gone, without workers, for a day', async () => {
    const { keys, read } = await started();
    await redis.client.zadd(keys.workersSeen, await ago(6_000), 'a');
    expect(await read()).toMatchObject({ queue, workers: 0, tokensPerSecond: 0 });
    await redis.client.zadd(keys.bundlesSeen, await ago(25 * 60 * 60 * 1000), queue);
    expect(await read()).toBeUndefined();
  });

  it('has every queue of the fleet', async () => {
    const { announce, observer: opened } = await started();
    await announce(someAnnouncement('c', { bundle: { name: 'tiny', version: '2' } }));
    expect((await opened.read()).map((reading) => reading.queue).sort()).toEqual(['tiny@1', 'tiny@2']);
  });

  it('has the queue of a bundle whose announcement is too new to be read', async () => {
    const { keys, observer: opened } = await started();
    await redis.client.zadd(keys.bundlesSeen, await ago(0), 'newer@1');
    await redis.client.hset(keys.bundles, 'newer@1', '{"unknown":true}');
    expect((await opened.read()).find((reading) => reading.queue === 'newer@1')).toMatchObject({ workers: 0 });
  });

  it('changes nothing in Redis', async () => {
    const { keys, observer: opened } = await started();
    const prefix = keys.gateways.slice(0, -':gateways'.length);
    const before = (await redis.client.keys(`${prefix}*`)).sort();
    opened.bullQueue(queue);
    await opened.read();
    expect((await redis.client.keys(`${prefix}*`)).sort()).toEqual(before);
  });
});

it('rejects while Redis is away and reads again when it is back', async () => {
  const { observer: opened } = await started();
  redis.hang();
  try {
    await expect(opened.read()).rejects.toThrow();
  } finally {
    redis.wake();
  }
  await until(async () => (await opened.read().catch(() => [])).length > 0);
});
