import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { freePort, until } from '@rerank-fleet/test-support';
import type { RedisServer } from '../redis/server';
import { redisProgram } from './index';

/** Several real servers, one of which can be killed while another takes over. */
export interface TestFailover {
  server: RedisServer;
  /** kill -9 of the server that holds the fleet's keys. */
  killMaster(): Promise<void>;
  stop(): Promise<void>;
}

const host = '127.0.0.1';
const cli = promisify(execFile);

interface Node {
  port: number;
  process: ChildProcess;
}

/** A server in a folder of its own. */
async function startNode(folder: string, flags: readonly string[]): Promise<Node> {
  const port = await freePort();
  const own = join(folder, String(port));
  await mkdir(own);
  const usual = ['--port', String(port), '--bind', host, '--dir', own, '--save', '', '--appendonly', 'yes'];
  const process = spawn(redisProgram, [...usual, '--maxmemory-policy', 'noeviction', ...flags], { stdio: 'ignore' });
  await answers(port);
  return { port, process };
}

async function answers(port: number): Promise<void> {
  const client = new Redis({ host, port, maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on('error', () => undefined);
  await client.ping();
  client.disconnect();
}

async function ask(port: number, ...words: [string, ...string[]]): Promise<string> {
  return (await cli('redis-cli', ['-p', String(port), ...words])).stdout;
}

async function stopNodes(nodes: readonly Node[], folder: string): Promise<void> {
  for (const { process } of nodes) {
    if (process.exitCode !== null || process.signalCode !== null) continue;
    process.kill('SIGKILL');
    await once(process, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
}

/** A master with a replica and three Sentinels, which promote the replica a second after the master's death. */
export async function startTestSentinels(): Promise<TestFailover> {
  const folder = await mkdtemp(join(tmpdir(), 'rerank-sentinels-'));
  const master = await startNode(folder, []);
  const replica = await startNode(folder, ['--replicaof', `${host} ${master.port}`]);
  const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(folder, master.port)));
  const nodes = [master, replica, ...sentinels];
  // each of them knows the replica and the two others
  await until(async () => {
    const known = await Promise.all(sentinels.map(({ port }) => ask(port, 'INFO', 'sentinel').catch(() => '')));
    return known.every((text) => text.includes('slaves=1,sentinels=3'));
  }, 100);
  return {
    server: {
      kind: 'sentinel',
      addresses: sentinels.map(({ port }) => ({ host, port })),
      masterName: 'fleet',
    },
    async killMaster() {
      master.process.kill('SIGKILL');
      await once(master.process, 'exit');
    },
    stop: () => stopNodes(nodes, folder),
  };
}

async function startSentinel(folder: string, masterPort: number): Promise<Node> {
  const port = await freePort();
  const file = join(folder, `sentinel-${port}.conf`);
  const lines = [
    `port ${port}`,
    `bind ${host}`,
    `dir ${folder}`,
    `sentinel monitor fleet ${host} ${masterPort} 2`,
    'sentinel down-after-milliseconds fleet 1000',
    'sentinel failover-timeout fleet 5000',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const process = spawn(redisProgram, [file, '--sentinel'], { stdio: 'ignore' });
  await answers(port);
  return { port, process };
}

/** Three masters with a replica each, as a Cluster. */
export async function startTestCluster(): Promise<TestFailover> {
  const folder = await mkdtemp(join(tmpdir(), 'rerank-cluster-'));
  const nodes: Node[] = [];
  for (let i = 0; i < 6; i++) {
    const busPort = await freePort();
    const flags = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1500', '--cluster-port', String(busPort)];
    nodes.push(await startNode(folder, flags));
  }
  const addresses = nodes.map(({ port }) => `${host}:${port}`);
  await cli('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes']);
  // a replica that does not follow yet would not take over
  const isComplete = async ({ port }: Node) =>
    (await ask(port, 'CLUSTER', 'INFO')).includes('cluster_state:ok') &&
    /connected_slaves:1|master_link_status:up/.test(await ask(port, 'INFO', 'replication'));
  const areComplete = () => Promise.all(nodes.map((node) => isComplete(node).catch(() => false)));
  await until(async () => (await areComplete()).every(Boolean), 100);
  return {
    server: { kind: 'cluster', addresses: nodes.slice(0, 3).map(({ port }) => ({ host, port })) },
    async killMaster() {
      const isHolder = async ({ port }: Node) =>
        (await ask(port, 'ROLE')).startsWith('master') && Number(await ask(port, 'DBSIZE')) > 0;
      for (const node of nodes) {
        if (!(await isHolder(node))) continue;
        node.process.kill('SIGKILL');
        await once(node.process, 'exit');
      }
    },
    stop: () => stopNodes(nodes, folder),
  };
}
