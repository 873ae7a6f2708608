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

/** The Redis of a fleet: one process, or a master and a replica with Sentinels. */
export interface RedisDeployment {
  /** The apps' `REDIS_URL`. */
  readonly url: string;
  readonly servers: readonly RedisServer[];
  /** The current master. */
  master(): Promise<RedisServer>;
  /** Resolves when there is one master and all other servers are its replicas in sync. */
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

/** The name of the master in the Sentinels. */
const masterName = 'rerank';
const sentinelCount = 3;
/** Time without a reply after which a master counts as down. A failover follows about a second later. */
const downAfterMs = 1_500;
const settleLimitMs = 60_000;

/** Starts a master, a replica and three Sentinels with a quorum of two. */
export async function startSentinelRedis(children: ChildSet): Promise<RedisDeployment> {
  // there is only one replica, so no synchronisation has to wait for another replica
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
  // otherwise a Sentinel looks for replicas every 10 s, which would delay the start
  await redisCommand(port, ['SENTINEL', 'DEBUG', 'info-period', '1000', 'publish-period', '500']);
  return port;
}

/** The master according to the first Sentinel that answers. */
async function askSentinels(ports: readonly number[], servers: readonly RedisServer[]): Promise<RedisServer> {
  for (const port of ports) {
    const answer = await redisCommand(port, ['SENTINEL', 'get-master-addr-by-name', masterName]).catch(() => '');
    const found = servers.find((server) => answer.split('\n')[1] === String(server.port));
    if (found) return found;
  }
  throw new Error('no Sentinel reports a master');
}

async function awaitSettled(ports: readonly number[], servers: readonly RedisServer[]): Promise<void> {
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
  if (await poll(isSettled, { until: (waitedMs) => waitedMs > settleLimitMs, intervalMs: 200 })) return;
  throw new Error(`the Redis servers are not one master with replicas after ${settleLimitMs / 1000} s`);
}

async function isInPlace(server: RedisServer, master: RedisServer): Promise<boolean> {
  if (server === master) return (await redisInfo(server.port, 'role')) === 'master';
  const [link, masterPort] = [
    await redisInfo(server.port, 'master_link_status'),
    await redisInfo(server.port, 'master_port'),
  ];
  return link === 'up' && masterPort === String(master.port);
}

/** Whether a Sentinel can perform a failover: it knows the other Sentinels and a healthy replica. */
async function knowsAll(port: number, replicas: number): Promise<boolean> {
  const lines = (await redisCommand(port, ['SENTINEL', 'master', masterName])).split('\n');
  const fieldOf = (name: string) => lines[lines.indexOf(name) + 1];
  return (
    fieldOf('flags') === 'master' &&
    Number(fieldOf('num-slaves')) >= replicas &&
    Number(fieldOf('num-other-sentinels')) === sentinelCount - 1
  );
}
