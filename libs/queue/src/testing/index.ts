import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkerAnnouncement } from '@rerank-fleet/contract';
import { Redis } from 'ioredis';
import type { RedisServer } from '../redis/server';

/** The server that tests start. It may be another one with Redis' protocol, such as valkey-server. */
export const redisProgram = process.env['TEST_REDIS_SERVER'] ?? 'redis-server';

/** A real redis-server for one test, on a unix socket in a temporary folder. */
export interface TestRedis {
  server: RedisServer;
  /** Path of its socket. */
  socket: string;
  /** A client for looking into the data; closed with the server. */
  client: Redis;
  /** Stops the process for a while, as a network partition would. */
  hang(): void;
  wake(): void;
  /** kill -9. The append-only file keeps the data. */
  kill(): Promise<void>;
  /** Resolves when the server accepts connections; it may still load its data. @param flags further arguments */
  restart(flags?: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/** @param flags further arguments of the server */
export async function startTestRedis(flags: readonly string[] = []): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'rerank-redis-'));
  const socket = join(folder, 'redis.sock');
  let server = await spawnServer(folder, { socket, flags });
  const client = new Redis(socket, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on('error', () => undefined);
  return {
    server: { kind: 'single', addresses: [{ path: socket }] },
    socket,
    client,
    hang: () => void server.kill('SIGSTOP'),
    wake: () => void server.kill('SIGCONT'),
    kill: () => end(server, 'SIGKILL'),
    async restart(more = []) {
      server = await spawnServer(folder, { socket, flags: [...flags, ...more] });
    },
    async stop() {
      client.disconnect();
      server.kill('SIGCONT');
      await end(server, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function spawnServer(
  folder: string,
  { socket, flags }: { socket: string; flags: readonly string[] },
): Promise<ChildProcess> {
  const usual = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', '', '--appendonly', 'yes'];
  const policy = ['--appendfsync', 'always', '--maxmemory-policy', 'noeviction'];
  const server = spawn(redisProgram, [...usual, ...policy, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
    server.stdout?.on('data', (chunk: Buffer) => {
      if (/ready to accept connections|Server initialized/i.test(chunk.toString())) resolve();
    });
  });
  server.stdout?.resume();
  return server;
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill(signal);
  await ended;
}

/** What a worker of the bundle `tiny@1` announces, with the given members replaced. */
export function someAnnouncement(workerId: string, changes: Partial<WorkerAnnouncement> = {}): WorkerAnnouncement {
  return {
    workerId,
    bundle: { name: 'tiny', version: '1' },
    isDefault: true,
    aliases: [],
    head: 'late-interaction',
    revision: 'r1',
    source: 'org/tiny',
    templateVersion: '1',
    takesInstruction: false,
    maxLengthTokens: 512,
    dtype: 'int8',
    provider: 'cpu',
    sessions: 1,
    batchTokens: 512,
    ...changes,
  };
}
