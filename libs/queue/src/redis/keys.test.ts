import { randomUUID } from 'node:crypto';
import { until } from '@rerank-fleet/test-support';
import { openQueueObserver } from '../index';
import { someAnnouncement, startTestRedis, type TestRedis } from '../testing/index';
import { answer, createSides, queue, submission, takeJob } from '../testing/sides';

let redis: TestRedis;
const { gateway, worker, closeAll } = createSides(() => redis.server);

beforeAll(async () => {
  redis = await startTestRedis();
});
afterEach(closeAll);
afterAll(() => redis.stop());

describe('what a fleet leaves in Redis', () => {
  it('lies in one slot of a Cluster, whatever the prefix', async () => {
    for (const prefix of [randomUUID(), `{${randomUUID()}}:x`]) {
      const [asking, serving] = await Promise.all([gateway(prefix), worker(prefix)]);
      await asking.submit(submission({ parts: 2 }));
      const taken = await takeJob(serving);
      await taken.settle(answer(taken.job));
      asking.cancel(taken.job.requestId);
      await until(async () => (await redis.client.keys(`*${prefix}*cancelled`)).length === 1);
      const keys = await redis.client.keys(`*${prefix}*`);
      expect(keys.length).toBeGreaterThan(8);
      // the slot depends on the text in the first braces
      expect(new Set(keys.map((key) => /\{(.+?)\}/.exec(key)?.[1])).size).toBe(1);
    }
  });

  it('is no field of a gateway that has nothing in flight, and no bundle that no worker has served for a day', async () => {
    const prefix = randomUUID();
    const [asking, serving] = await Promise.all([gateway(prefix), worker(prefix)]);
    const tokens = `{${prefix}}:in-flight:tokens:${queue}`;
    await asking.submit(submission());
    expect(await redis.client.hget(tokens, asking.id)).toBe('10');
    expect(await redis.client.ttl(tokens)).toBeGreaterThan(0);
    const taken = await takeJob(serving);
    await taken.settle(answer(taken.job));
    await until(async () => (await redis.client.exists(tokens)) === 0);
    await redis.client.hset(`{${prefix}}:bundles`, 'old@1', '{}');
    await redis.client.zadd(`{${prefix}}:bundles:seen`, 1, 'old@1');
    await until(async () => (await redis.client.hexists(`{${prefix}}:bundles`, 'old@1')) === 0);
  });

  it('may be a registry of 10,000 workers', async () => {
    const prefix = randomUUID();
    const asking = await gateway(prefix);
    const staying = await worker(prefix, { workerId: 'staying' });
    const [seconds] = await redis.client.time();
    const ids = Array.from({ length: 10_000 }, (_, index) => `w${index}`);
    const text = (id: string) => JSON.stringify(someAnnouncement(id));
    await redis.client.hset(`{${prefix}}:workers`, ...ids.flatMap((id) => [id, text(id)]));
    await redis.client.zadd(`{${prefix}}:workers:seen`, ...ids.flatMap((id) => [Number(seconds) * 1000 + 3_000, id]));
    await asking.refresh();
    expect(asking.fleet().workers).toHaveLength(10_001);
    const observer = openQueueObserver({ redis: redis.server, prefix, onError: () => undefined });
    expect(await observer.read()).toMatchObject([{ queue, workers: 10_001 }]);
    await observer.close();
    expect(await staying.withdraw()).toBe(0);
  });
});
