import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RedisTrouble } from '@rerank-fleet/contract';
import { Redis } from 'ioredis';
import { until } from '@rerank-fleet/test-support';
import type { RedisServer } from './index';
import { startTestRedis, type TestRedis } from './testing/index';
import { createSides } from './testing/sides';

/** Troubles as they are reported, one list for each side of a queue. */
interface Watched {
  gateway: (RedisTrouble | undefined)[];
  worker: (RedisTrouble | undefined)[];
  /** What the two sides would say now. */
  now(): (RedisTrouble | undefined)[];
  close(): Promise<unknown>;
}

const opened: { close(): Promise<unknown> }[] = [];
/** What was opened last is closed first: a server after those who use it. */
afterAll(async () => {
  for (const one of opened.reverse()) await one.close();
});

async function watch(redis: RedisServer): Promise<Watched> {
  const prefix = randomUUID();
  const reported: Pick<Watched, 'gateway' | 'worker'> = { gateway: [], worker: [] };
  const sides = createSides(() => redis);
  opened.push({ close: sides.closeAll });
  const gateway = await sides.gateway(prefix, { onTrouble: (trouble) => reported.gateway.push(trouble) });
  const worker = await sides.worker(prefix, { onTrouble: (trouble) => reported.worker.push(trouble) });
  return { ...reported, now: () => [gateway.trouble(), worker.trouble()], close: sides.closeAll };
}

/** A server of a test's own, which is stopped also when the test fails. */
async function ownRedis(flags?: readonly string[]): Promise<TestRedis> {
  const redis = await startTestRedis(flags);
  opened.push({ close: redis.stop });
  return redis;
}

type Commands = readonly [string, ...string[]][];

/** Commands by a client of their own, since refusals cut and lock out other clients. */
async function run(socket: string, commands: Commands, password?: string): Promise<void> {
  const client = new Redis({ path: socket, ...(password !== undefined && { password }) });
  client.on('error', () => undefined);
  for (const words of commands) await client.call(...words);
  client.disconnect();
}

/** How a server is brought to refuse, and to stop that; with the password that the second then needs. */
const refusals: { trouble: RedisTrouble; begin: Commands; end: Commands; password?: string }[] = [
  { trouble: 'READONLY', begin: [['REPLICAOF', '127.0.0.1', '1']], end: [['REPLICAOF', 'NO', 'ONE']] },
  {
    trouble: 'MASTERDOWN',
    begin: [
      ['CONFIG', 'SET', 'replica-serve-stale-data', 'no'],
      ['REPLICAOF', '127.0.0.1', '1'],
    ],
    end: [['REPLICAOF', 'NO', 'ONE']],
  },
  { trouble: 'OOM', begin: [['CONFIG', 'SET', 'maxmemory', '1']], end: [['CONFIG', 'SET', 'maxmemory', '0']] },
  {
    trouble: 'NOREPLICAS',
    begin: [['CONFIG', 'SET', 'min-replicas-to-write', '1']],
    end: [['CONFIG', 'SET', 'min-replicas-to-write', '0']],
  },
  {
    trouble: 'NOPERM',
    begin: [['ACL', 'SETUSER', 'default', '-evalsha', '-eval']],
    end: [['ACL', 'SETUSER', 'default', '+@all']],
  },
  {
    trouble: 'NOAUTH',
    begin: [
      ['CONFIG', 'SET', 'requirepass', 'new'],
      ['CLIENT', 'KILL', 'TYPE', 'normal'],
    ],
    end: [['CONFIG', 'SET', 'requirepass', '']],
    password: 'new',
  },
];

describe('a Redis that refuses', () => {
  let redis: TestRedis;
  let watched: Watched;

  beforeAll(async () => {
    redis = await ownRedis();
    watched = await watch(redis.server);
  });

  it.each(refusals)('with $trouble is reported by both sides, which work again by themselves', async (refusal) => {
    const { trouble, begin, end, password } = refusal;
    await until(() => watched.now().every((now) => now === undefined));
    await run(redis.socket, begin);
    await until(() => watched.now().every((now) => now === trouble));
    await run(redis.socket, end, password);
    await until(() => watched.now().every((now) => now === undefined));
    for (const reported of [watched.gateway, watched.worker]) expect(reported.at(-1)).toBeUndefined();
  });
});

describe('a Redis that refuses in ways of its own', () => {
  it('with MISCONF, when it cannot save, is reported by both sides', async () => {
    const data = await mkdtemp(join(tmpdir(), 'rerank-data-'));
    const redis = await ownRedis(['--dir', data, '--appendonly', 'no', '--save', '3600 1']);
    const watched = await watch(redis.server);
    await rm(data, { recursive: true });
    await redis.client.bgsave();
    await until(() => watched.now().every((now) => now === 'MISCONF'));
    await redis.client.config('SET', 'save', '');
    await until(() => watched.now().every((now) => now === undefined));
  });

  it('with LOADING, while it reads its data after a restart, is reported by both sides', async () => {
    const redis = await ownRedis();
    const watched = await watch(redis.server);
    const writes = redis.client.pipeline();
    for (let i = 0; i < 8_000; i++) writes.set(`key-${i}`, 'x');
    await writes.exec();
    await redis.kill();
    // it answers each 1,024 keys
    await redis.restart(['--key-load-delay', '700']);
    await until(() => watched.now().every((now) => now === 'LOADING'));
    await until(() => watched.now().every((now) => now === undefined));
  });

  it('with WRONGPASS, after the password was changed, is reported by both sides', async () => {
    const redis = await ownRedis();
    await redis.client.call('ACL', 'SETUSER', 'fleet', 'on', '>old', '~*', '&*', '+@all');
    const password = { reveal: () => 'old' };
    const watched = await watch({ ...redis.server, username: 'fleet', password });
    await redis.client.call('ACL', 'SETUSER', 'fleet', 'resetpass', '>new');
    await redis.client.call('CLIENT', 'KILL', 'USER', 'fleet');
    await until(() => watched.now().every((now) => now === 'WRONGPASS'));
    await redis.client.call('ACL', 'SETUSER', 'fleet', '>old');
    await until(() => watched.now().every((now) => now === undefined));
  });
});

describe('a worker that starts', () => {
  it('while Redis refuses writes waits, says why, and takes part once it may', async () => {
    const redis = await ownRedis();
    await redis.client.config('SET', 'maxmemory', '1');
    const reported: (RedisTrouble | undefined)[] = [];
    const sides = createSides(() => redis.server);
    opened.push({ close: sides.closeAll });
    const opening = sides.worker(randomUUID(), { onTrouble: (trouble) => reported.push(trouble) });
    await until(() => reported.at(-1) === 'OOM');
    await redis.client.config('SET', 'maxmemory', '0');
    const worker = await opening;
    expect(worker.isUp()).toBe(true);
  });
});
