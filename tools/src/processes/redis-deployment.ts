import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { poll } from '../up/waiting';
import type { ChildSet } from './child-set';
import {
  type RedisServer,
  awaitLoaded,
  redisCommand,
  redisInfo,
  startRedisProcess,
  startRedisServer,
} from './redis-server';

/** The Redis of a fleet: one process, or several that watch each other. */
export interface RedisDeployment {
  /** The apps' `REDIS_URL`. */
  readonly url: string;
  readonly servers: readonly RedisServer[];
  /** The server that takes writes now. */
  master(): Promise<RedisServer>;
  /** Resolves when every server is what it should be: one master, all others its replicas without a gap. */
  settled(): Promise<void>;
}

/** One Redis. */
export async function startSingleRedis(children: ChildSet): Promise<RedisDeployment> {
  const server = await startRedisServer(children, { name: 'redis' });
  return {
    url: `redis://127.0.0.1:${server.port}`,
    servers: [server],
    master: () => Promise.resolve(server),
    settled: () => Promise.resolve(),
  };
}

/** The name of the master that the sentinels watch. */
const masterName = 'rerank';
const sentinelCount = 3;
/** How long a master may be silent; a failover comes about a second later. */
const downAfterMs = 1_500;
const settleLimitMs = 60_000;

/** A master, a replica and three sentinels, of which two must agree that the master is away. */
export async function startSentinelRedis(children: ChildSet): Promise<RedisDeployment> {
  // there is one replica, so none waits for another
  const options = ['--repl-diskless-sync-delay', '0'];
  const first = await startRedisServer(children, { name: 'redis-1', options });
  const second = await startRedisServer(children, {
    name: 'redis-2',
    options: [...options, '--replicaof', '127.0.0.1', String(first.port)],
  });
  const servers = [first, second];
  const ports: number[] = [];
  for (let each = 1; each <= sentinelCount; each++) ports.push(await startSentinel(children, each, first.port));
  const master = () => askSentinels(ports, servers);
  const deployment: RedisDeployment = {
    url: `redis+sentinel://${ports.map((port) => `127.0.0.1:${port}`).join(',')}/${masterName}`,
    servers,
    master,
    settled: () => awaitSettled(ports, servers),
  };
  await deployment.settled();
  return deployment;
}

async function startSentinel(children: ChildSet, index: number, masterPort: number): Promise<number> {
  const name = `sentinel-${index}`;
  const port = await children.findPort();
  const folder = join(children.folder, name);
  mkdirSync(folder);
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${masterName} 127.0.0.1 ${masterPort} 2`,
    `sentinel down-after-milliseconds ${masterName} ${downAfterMs}`,
    `sentinel failover-timeout ${masterName} 5000`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  await awaitLoaded(await startRedisProcess(children, name, [file, '--sentinel']), port);
  // else it looks for replicas every 10 s, which is how long a fleet would wait for its start
  await redisCommand(port, ['SENTINEL', 'DEBUG', 'info-period', '1000', 'publish-period', '500']);
  return port;
}

/** The server that the first sentinel which answers calls the master. */
async function askSentinels(ports: readonly number[], servers: readonly RedisServer[]): Promise<RedisServer> {
  for (const port of ports) {
    const answer = await redisCommand(port, ['SENTINEL', 'get-master-addr-by-name', masterName]).catch(() => '');
    const found = servers.find((server) => answer.split('\n')[1] === String(server.port));
    if (found) return found;
  }
  throw new Error('no sentinel names a master');
}

async function awaitSettled(ports: readonly number[], servers: readonly RedisServer[]): Promise<void> {
  const beganMs = performance.now();
  const isSettled = async () => {
    try {
      const master = await askSentinels(ports, servers);
      const roles = await Promise.all(servers.map((server) => isInPlace(server, master)));
      const known = await Promise.all(ports.map((port) => knowsAll(port, servers.length - 1)));
      return [...roles, ...known].every(Boolean);
    } catch {
      return false;
    }
  };
  const { signal } = new AbortController();
  const isLate = () => performance.now() - beganMs > settleLimitMs;
  if (await poll(isSettled, { signal, until: isLate, intervalMs: 200 })) return;
  throw new Error(`the Redis servers did not find their places within ${settleLimitMs / 1000} s`);
}

async function isInPlace(server: RedisServer, master: RedisServer): Promise<boolean> {
  if (server === master) return (await redisInfo(server.port, 'role')) === 'master';
  const [link, masterPort] = [
    await redisInfo(server.port, 'master_link_status'),
    await redisInfo(server.port, 'master_port'),
  ];
  return link === 'up' && masterPort === String(master.port);
}

/** Whether a sentinel could carry out a failover: it knows the others and a replica that is well. */
async function knowsAll(port: number, replicas: number): Promise<boolean> {
  const lines = (await redisCommand(port, ['SENTINEL', 'master', masterName])).split('\n');
  const fieldOf = (name: string) => lines[lines.indexOf(name) + 1];
  return (
    fieldOf('flags') === 'master' &&
    Number(fieldOf('num-slaves')) >= replicas &&
    Number(fieldOf('num-other-sentinels')) === sentinelCount - 1
  );
}
