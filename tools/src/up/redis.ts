import { connect, isIP } from 'node:net';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RedisAddress, RedisLocation } from '@rerank-fleet/service-shell';
import { type Child, findProgram, readLog, startChild } from './children';
import { exitText, lastLines } from './lines';
import { checkPort } from './ports';
import { poll } from './waiting';

export interface RunningRedis {
  child: Child;
  url: string;
}

/** Arguments of redis-server: the append-only file is synced every second, and keys are never evicted. */
export function redisArguments(port: number, folder: string): string[] {
  const options: [string, string][] = [
    ['--port', String(port)],
    ['--bind', '127.0.0.1'],
    ['--dir', folder],
    ['--save', ''],
    ['--appendonly', 'yes'],
    ['--appendfsync', 'everysec'],
    ['--maxmemory-policy', 'noeviction'],
  ];
  return options.flat();
}

/**
 * Starts a private Redis on a free port of the loopback interface and waits until it has loaded its files. If another
 * process takes the port first, it tries the next free port. `onStarted` is called with each process immediately, so
 * that the process can be stopped in every case. Throws when Redis cannot be started.
 */
export async function startRedis(
  dataDir: string,
  { onStarted, signal }: { onStarted: (child: Child) => void; signal: AbortSignal },
): Promise<RunningRedis> {
  const command = findProgram('redis-server', process.env['PATH']);
  if (!command) throw new Error('redis-server is not on the PATH; install it or set REDIS_URL');
  const folder = join(dataDir, 'redis');
  mkdirSync(folder, { recursive: true });
  const spec = { app: 'redis', name: 'redis', command, env: process.env, logPath: join(dataDir, 'redis.log') };
  for (let attempt = 1; ; attempt++) {
    const check = await checkPort('127.0.0.1', 0);
    if (check.state !== 'free') throw new Error('there is no free port on 127.0.0.1');
    const child = await startChild({ ...spec, args: redisArguments(check.port, folder) });
    onStarted(child);
    if (await poll(() => answersAs(child, check.port), { signal, until: () => child.exit() !== undefined })) {
      return { child, url: `redis://127.0.0.1:${check.port}` };
    }
    const reason = lastLines(readLog(child), 1)[0] ?? exitText(await child.exited);
    if (attempt === 5 || !/address already in use/i.test(readLog(child)))
      throw new Error(`redis-server ended: ${reason}`);
  }
}

/** Whether the server on this port is this child (and not another Redis or Sentinel) and has loaded its files. */
export async function answersAs(child: Child, port: number): Promise<boolean> {
  const info = await redisInfo(port);
  return info.includes(`process_id:${child.pid}\r\n`) && !info.includes('\r\nloading:1\r\n');
}

/** Redis' reply to INFO, or '' if there is none within a second. */
function redisInfo(port: number): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write('INFO\r\nQUIT\r\n'));
    socket.setTimeout(1_000, () => socket.destroy());
    socket.setEncoding('utf8');
    socket.on('data', (data: string) => (received += data));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(received));
  });
}

/** The address for messages; empty unless all hosts are IP addresses: in a wrong URL, a host may be the password. */
export function printableAddress({ addresses }: Pick<RedisLocation, 'addresses'>): string {
  return addresses.every(({ host }) => isIP(host) !== 0) ? ` (${addresses.map(addressText).join(', ')})` : '';
}

/** Environment of the Redis exporter, which shows the address, but not the password, in its log and metrics. */
export function exporterEnv({ addresses, username, password, isEncrypted }: RedisLocation): Record<string, string> {
  const [first] = addresses;
  return {
    ...(first && { REDIS_ADDR: `${isEncrypted ? 'rediss' : 'redis'}://${addressText(first)}` }),
    REDIS_USER: username ?? '',
    REDIS_PASSWORD: password?.reveal() ?? '',
  };
}

function addressText({ host, port }: RedisAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether a server accepts connections at one of the addresses within 5 s. */
export async function isReachable(addresses: readonly RedisAddress[]): Promise<boolean> {
  return (await Promise.all(addresses.map(accepts))).includes(true);
}

function accepts({ host, port }: RedisAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (reached: boolean) => {
      socket.destroy();
      resolve(reached);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.setTimeout(5_000, () => done(false));
  });
}
