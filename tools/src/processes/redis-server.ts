import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Child, findProgram, readLog } from '../up/children';
import { lastLines } from '../up/lines';
import { answersAs, redisArguments } from '../up/redis';
import { poll } from '../up/waiting';
import type { ChildSet } from './child-set';

/** A Redis process that can be killed and restarted on the same port and files. */
export interface RedisServer {
  readonly name: string;
  readonly port: number;
  child(): Child;
  /** Restarts it after a kill. Resolves when it has loaded its files. */
  restart(): Promise<void>;
}

/** Additional options of a Redis process. */
export interface RedisServerSpec {
  name: string;
  /** Further arguments of `redis-server`. */
  options?: readonly string[];
}

/** Starts a Redis with an append-only file and waits until it has loaded it. */
export async function startRedisServer(
  children: ChildSet,
  { name, options = [] }: RedisServerSpec,
): Promise<RedisServer> {
  const port = await children.findPort();
  const folder = join(children.folder, name);
  mkdirSync(folder, { recursive: true });
  const start = async () => {
    const child = await startRedisProcess(children, name, [...redisArguments(port, folder), ...options]);
    await awaitLoaded(child, port);
    return child;
  };
  let child = await start();
  return {
    name,
    port,
    child: () => child,
    async restart() {
      child = await start();
    },
  };
}

/** Starts `redis-server` with arguments, as a server or a Sentinel. */
export function startRedisProcess(children: ChildSet, name: string, args: readonly string[]): Promise<Child> {
  const command = findProgram('redis-server', process.env['PATH']);
  if (!command) throw new Error('redis-server is not on the PATH');
  return children.start({
    app: 'redis',
    name,
    command,
    args: [...args],
    env: process.env,
    logPath: join(children.folder, `${name}.log`),
  });
}

/** Waits until this process (and not another server) answers on its port and has loaded its files. */
export async function awaitLoaded(child: Child, port: number): Promise<void> {
  if (await poll(() => answersAs(child, port), { until: () => child.exit() !== undefined })) return;
  throw new Error(`redis-server ended: ${lastLines(readLog(child), 1)[0] ?? 'its log is empty'}`);
}

const run = promisify(execFile);

/** The output of `redis-cli` for a command. Rejects without an answer within 2 s. */
export async function redisCommand(port: number, words: readonly string[]): Promise<string> {
  const { stdout } = await run('redis-cli', ['-h', '127.0.0.1', '-p', String(port), ...words], { timeout: 2_000 });
  return stdout.trimEnd();
}

/** A field of `INFO`, or undefined when Redis does not have it. */
export async function redisInfo(port: number, field: string): Promise<string | undefined> {
  const lines = (await redisCommand(port, ['INFO'])).split(/\r?\n/);
  return lines.find((line) => line.startsWith(`${field}:`))?.slice(field.length + 1);
}
