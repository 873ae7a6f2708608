import { startTestRedis, type TestRedis } from '../testing/index';
import { removeOldKeys } from './old-keys';
import { oldVersionSilenceMs } from '../redis/timing';

let redis: TestRedis;
beforeAll(async () => (redis = await startTestRedis()));
beforeEach(() => redis.client.flushall());
afterAll(() => redis.stop());

/** Every kind of key that a version without a hash tag wrote, with its last heartbeats. */
async function writeOldKeys(prefix: string, beatAtMs: number): Promise<void> {
  const { client } = redis;
  await client.hset(`${prefix}:gateways`, 'g', beatAtMs);
  await client.zadd(`${prefix}:workers:seen`, beatAtMs, 'w');
  await client.hset(`${prefix}:workers`, 'w', '{}');
  await client.hset(`${prefix}:bundles`, 'tiny@1', '{}');
  await client.zadd(`${prefix}:bundles:seen`, beatAtMs, 'tiny@1');
  await client.hset(`${prefix}:in-flight:bytes`, 'g', 1);
  await client.hset(`${prefix}:in-flight:tokens:tiny@1`, 'g', 1);
  await client.zadd(`${prefix}:cancelled`, 1, 'r');
  await client.xadd(`${prefix}:replies:g`, '*', 'outcome', '{}');
  await client.hset(`${prefix}:bull:tiny@1:r-0`, 'data', '{"query":"text of a user"}');
  await client.zadd(`${prefix}:bull:tiny@1:prioritized`, 1, 'r-0');
}

const longAgo = () => Date.now() - oldVersionSilenceMs - 1_000;

it('removes every key of a version that has left, and none of anything else', async () => {
  await writeOldKeys('rerank', longAgo());
  const others = ['{rerank}:gateways', 'rerank', 'rerank2:gateways', 'rerank:staging:gateways', 'x:rerank:gateways'];
  for (const key of others) await redis.client.set(key, 'x');
  expect(await removeOldKeys(redis.client, 'rerank')).toBe(true);
  expect((await redis.client.keys('*')).sort()).toEqual([...others].sort());
});

it('touches nothing while a gateway or worker of the old version lives', async () => {
  await writeOldKeys('rerank', longAgo());
  const before = (await redis.client.keys('*')).sort();
  await redis.client.hset('rerank:gateways', 'g', Date.now());
  expect(await removeOldKeys(redis.client, 'rerank')).toBe(false);
  await redis.client.hset('rerank:gateways', 'g', longAgo());
  await redis.client.zadd('rerank:workers:seen', Date.now(), 'other');
  expect(await removeOldKeys(redis.client, 'rerank')).toBe(false);
  expect((await redis.client.keys('*')).sort()).toEqual(before);
});

it('takes a prefix as it stands, not as a pattern', async () => {
  await writeOldKeys('a*', longAgo());
  await redis.client.set('ab:gateways', 'x');
  expect(await removeOldKeys(redis.client, 'a*')).toBe(true);
  expect(await redis.client.keys('*')).toEqual(['ab:gateways']);
});

it('leaves a prefix alone that has a hash tag of its own', async () => {
  await writeOldKeys('{rerank}', longAgo());
  const before = await redis.client.dbsize();
  expect(await removeOldKeys(redis.client, '{rerank}')).toBe(true);
  expect(await redis.client.dbsize()).toBe(before);
});
