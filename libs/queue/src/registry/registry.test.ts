import { randomUUID } from 'node:crypto';
import type { WorkerAnnouncement } from '@rerank-fleet/contract';
import { gatewayHeartbeat } from '../gateway/scripts';
import { fleetKeys, type FleetKeys } from '../redis/keys';
import { someAnnouncement, startTestRedis, type TestRedis } from '../testing/index';
import { withdraw, workerHeartbeat } from '../worker/scripts';

const queue = 'tiny@1';
let redis: TestRedis;

beforeAll(async () => (redis = await startTestRedis()));
afterAll(() => redis.stop());

const first = someAnnouncement('a', { tokensPerSecond: 1 });
const changed = someAnnouncement('a', { tokensPerSecond: 2 });

/** Heartbeats of workers and of one gateway, each knowing what it sent or got before. */
function createBeats(keys: FleetKeys) {
  const answered = new Map<string, string>();
  let knownDigest = '';
  return {
    async worker(announcement: WorkerAnnouncement) {
      const [workerId, text] = [announcement.workerId, JSON.stringify(announcement)];
      const beat = { workerId, bundle: queue, announcement: text, answered: answered.get(workerId), sinceMs: 0 };
      await workerHeartbeat(redis.client, keys, beat);
      answered.set(workerId, text);
    },
    async gateway() {
      const beat = { gateway: 'g', totals: undefined, knownDigest };
      const { digest, registry } = await gatewayHeartbeat(redis.client, keys, beat);
      knownDigest = digest;
      return registry;
    },
  };
}

async function started() {
  const keys = fleetKeys(randomUUID());
  const beats = createBeats(keys);
  await beats.worker(first);
  expect(await beats.gateway()).toEqual(registryOf([first], first));
  return { keys, beats };
}

function registryOf(workers: WorkerAnnouncement[], bundle: WorkerAnnouncement) {
  return { workers: workers.map((worker) => JSON.stringify(worker)), bundles: [JSON.stringify(bundle)] };
}

describe('what has not changed', () => {
  it('is sent neither by a worker nor to a gateway', async () => {
    const { beats } = await started();
    const watching = redis.client.duplicate();
    const monitor = await watching.monitor();
    const sent: string[] = [];
    monitor.on('monitor', (_time: string, command: string[]) => sent.push(...command));
    await beats.worker(first);
    expect(await beats.gateway()).toBeUndefined();
    await redis.client.echo('end');
    monitor.disconnect();
    watching.disconnect();
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.filter((text) => text.includes('tokensPerSecond'))).toEqual([]);
  });

  it('stays so beside another worker of the bundle', async () => {
    const { beats } = await started();
    const other = someAnnouncement('b');
    await beats.worker(other);
    expect(await beats.gateway()).toEqual(registryOf([first, other], other));
    for (const announcement of [first, other, first]) await beats.worker(announcement);
    expect(await beats.gateway()).toBeUndefined();
  });
});

describe('a gateway gets the registry again', () => {
  const left = { version: '1', name: 'tiny' };
  const changes: [string, (keys: FleetKeys, beats: ReturnType<typeof createBeats>) => Promise<unknown>, object][] = [
    ['an announcement changed', (_, beats) => beats.worker(changed), registryOf([changed], changed)],
    [
      'a worker joined',
      (_, beats) => beats.worker(someAnnouncement('b')),
      registryOf([first, someAnnouncement('b')], someAnnouncement('b')),
    ],
    ['a worker left', (keys) => withdraw(redis.client, keys, { workerId: 'a', bundle: left }), registryOf([], first)],
    ['a worker died', (keys) => redis.client.zadd(keys.workersSeen, 1, 'a'), registryOf([], first)],
    [
      'a bundle was forgotten',
      (keys) => redis.client.zadd(keys.bundlesSeen, 1, queue),
      { ...registryOf([first], first), bundles: [] },
    ],
    [
      'Redis lost everything',
      (keys) => redis.client.del(keys.workers, keys.workersSeen, keys.bundles, keys.bundlesSeen),
      { workers: [], bundles: [] },
    ],
  ];
  it.each(changes)('when %s', async (_name, change, registry) => {
    const { keys, beats } = await started();
    expect(await beats.gateway()).toBeUndefined();
    await change(keys, beats);
    expect(await beats.gateway()).toEqual(registry);
  });
});

describe('one heartbeat of an unchanged worker restores its announcement', () => {
  const losses: [string, (keys: FleetKeys) => Promise<unknown>][] = [
    ['nothing was lost', async () => undefined],
    [
      'Redis lost everything',
      (keys) => redis.client.del(keys.workers, keys.workersSeen, keys.bundles, keys.bundlesSeen),
    ],
    ['a failover went back to an older text', (keys) => redis.client.hset(keys.workers, 'a', JSON.stringify(changed))],
    [
      'another worker removed it as dead',
      (keys) => withdraw(redis.client, keys, { workerId: 'a', bundle: { name: 'tiny', version: '1' } }),
    ],
    ['the text of the bundle was lost', (keys) => redis.client.hdel(keys.bundles, queue)],
    [
      'the text of the bundle is of a worker that left',
      (keys) => redis.client.hset(keys.bundles, queue, JSON.stringify(someAnnouncement('gone'))),
    ],
    ...['', 'null', '{}', '[]', 'nonsense'].map((text): [string, (keys: FleetKeys) => Promise<unknown>] => [
      `the text of the bundle is ${JSON.stringify(text)}`,
      (keys) => redis.client.hset(keys.bundles, queue, text),
    ]),
  ];
  it.each(losses)('when %s', async (_name, lose) => {
    const { keys, beats } = await started();
    await lose(keys);
    await beats.worker(first);
    expect(await createBeats(keys).gateway()).toEqual(registryOf([first], first));
  });
});
