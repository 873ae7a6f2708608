import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RedisServer } from '@rerank-fleet/queue';
import { createSecret } from '@rerank-fleet/service-shell';

export const root = join(__dirname, '../../..');

/** How a command ended. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

interface RunOptions {
  env?: Record<string, string | undefined>;
  cwd?: string;
}

/** Runs a program. Of this process' environment, it gets only PATH and HOME. */
export async function run([program, ...args]: [string, ...string[]], options: RunOptions = {}): Promise<Ended> {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, ...options.env };
  try {
    return { code: 0, ...(await promisify(execFile)(program, args, { cwd: options.cwd ?? root, env })) };
  } catch (error) {
    const { code, stdout, stderr } = error as Ended;
    // a program that cannot be started, for example, has no exit code
    if (typeof code !== 'number') throw error;
    return { code, stdout, stderr };
  }
}

/** `docker-compose config` of the repository's file, with these variables as `.env`. */
export async function composeConfig(
  variables: Readonly<Record<string, string>>,
  profiles: readonly string[] = [],
): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), 'rerank-compose-'));
  const envFile = join(folder, '.env');
  await writeFile(
    envFile,
    Object.entries(variables)
      .map((pair) => `${pair.join('=')}\n`)
      .join(''),
  );
  const flags = ['--env-file', envFile, ...profiles.flatMap((profile) => ['--profile', profile])];
  try {
    return await run(['docker-compose', ...flags, 'config']);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export const redisPasswords = {
  REDIS_FLEET_PASSWORD: 'of-gateways-and-workers',
  REDIS_BOARD_PASSWORD: 'of-the-queue-board',
  REDIS_EXPORTER_PASSWORD: 'of-the-exporter-1',
};
const passwordOf: Record<string, string> = {
  fleet: redisPasswords.REDIS_FLEET_PASSWORD,
  board: redisPasswords.REDIS_BOARD_PASSWORD,
  exporter: redisPasswords.REDIS_EXPORTER_PASSWORD,
};

/** A redis-server on a unix socket, started by deploy/redis/start.sh. */
export interface StartedRedis {
  /** URL for clients of a user. */
  server(user: string): RedisServer;
  /** Reply of the server to a command of a user; undefined = not logged in. */
  ask(user: string | undefined, ...command: string[]): Promise<string>;
  /** Kills the server with SIGKILL and starts it again on the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRedis(env: Record<string, string> = {}): Promise<StartedRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'rerank-redis-'));
  const socket = join(folder, 'redis.sock');
  const data = join(folder, 'data');
  await mkdir(data);
  const start = () => spawnRedis(socket, { cwd: data, env: { TMPDIR: folder, ...env } });
  let server = await start();
  return {
    server: (user) => ({
      kind: 'single',
      addresses: [{ path: socket }],
      username: user,
      password: createSecret(passwordOf[user] ?? ''),
    }),
    async ask(user, ...command) {
      const login =
        user === undefined ? [] : ['--user', user, '--pass', passwordOf[user] ?? 'none', '--no-auth-warning'];
      const { stdout, stderr } = await run(['redis-cli', '-s', socket, ...login, ...command]);
      return stdout.trim() + stderr.trim();
    },
    async restart() {
      await end(server);
      server = await start();
    },
    async stop() {
      await end(server);
      await rm(folder, { recursive: true });
    },
  };
}

async function spawnRedis(socket: string, { cwd, env }: { cwd: string; env: Record<string, string> }) {
  const args = [join(root, 'deploy/redis/start.sh'), 'redis-server', '--port', '0', '--unixsocket', socket];
  const server = spawn('sh', args, {
    cwd,
    env: { PATH: process.env['PATH'], REDIS_MAXMEMORY: '100mb', ...redisPasswords, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
    server.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('eady to accept connections')) resolve();
    });
  });
  return server;
}

async function end(server: ChildProcess): Promise<void> {
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
}
