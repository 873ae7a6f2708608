import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort, until } from '@rerank-fleet/test-support';

const root = join(__dirname, '../../..');

/** One process of a fleet under test. */
export interface Member {
  process: ChildProcess;
  /** URL of its main port; workers do not listen on it. */
  url: string;
  opsUrl: string;
  /** Its complete output, for tests that search it for secrets. */
  output(): string;
}

export interface TestFleet {
  redis: ChildProcess;
  redisUrl: string;
  gateways: Member[];
  workers: Member[];
  boards: Member[];
  startGateway(env?: Record<string, string>): Promise<Member>;
  startWorker(env?: Record<string, string>): Promise<Member>;
  /** Like {@link startWorker}, but resolves before the model is loaded. */
  launchWorker(env?: Record<string, string>): Promise<Member>;
  startBoard(env: Record<string, string>): Promise<Member>;
  restartRedis(): Promise<void>;
  /** Jobs of a bundle (`<name>@<version>`) that wait for a worker. */
  waitingJobs(queue: string): Promise<number>;
  /** Workers in the registry. */
  announcedWorkers(): Promise<number>;
  /** Deletes all data of Redis, like a restart without persistence. */
  flushRedis(): Promise<void>;
  /** Sends SIGTERM to all processes, waits, and returns the exit codes of gateways, workers and boards. */
  stop(): Promise<(number | null)[]>;
}

/** Starts a real Redis on a free port. The caller starts the apps from their builds. */
export async function startFleet(appsFolder = join(root, 'dist/apps')): Promise<TestFleet> {
  const folder = await mkdtemp(join(tmpdir(), 'rerank-e2e-'));
  const port = await freePort();
  const redisUrl = `redis://127.0.0.1:${port}`;
  const shared = {
    REDIS_URL: redisUrl,
    OPS_PORT: '0',
    PORT: '0',
    MODELS_DIR: join(root, 'models'),
    DRAIN_LIMIT_MS: '5000',
  };
  // without the search for a token budget, workers start sooner
  const worker = { SESSIONS: '1', TOKEN_BUDGET: '256' };
  const launch = async (app: string, members: Member[], env: Record<string, string>) => {
    const member = await startMember(join(appsFolder, app), { ...shared, ...env });
    members.push(member);
    return member;
  };
  const start = async (app: string, members: Member[], env: Record<string, string>) => {
    const member = await launch(app, members, env);
    await answers(`${member.opsUrl}/ready`, 200);
    return member;
  };
  const fleet: TestFleet = {
    redis: await startRedis(port, folder),
    redisUrl,
    gateways: [],
    workers: [],
    boards: [],
    startGateway: (env = {}) => start('gateway', fleet.gateways, env),
    startWorker: (env = {}) => start('worker', fleet.workers, { ...worker, ...env }),
    launchWorker: (env = {}) => launch('worker', fleet.workers, { ...worker, ...env }),
    startBoard: (env) => start('queue-board', fleet.boards, env),
    async restartRedis() {
      fleet.redis = await startRedis(port, folder);
    },
    waitingJobs: (queue) => count(port, `ZCARD {rerank}:bull:${queue}:prioritized`),
    announcedWorkers: () => count(port, 'HLEN {rerank}:workers'),
    async flushRedis() {
      const answer = await command(port, 'FLUSHALL');
      if (!answer.startsWith('+OK')) throw new Error(`Redis answered ${answer}`);
    },
    stop: () => stopFleet(fleet, folder),
  };
  return fleet;
}

async function startRedis(port: number, folder: string): Promise<ChildProcess> {
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes'];
  const redis = spawn('redis-server', [...flags, '--maxmemory-policy', 'noeviction'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await printed(redis, 'Ready to accept connections');
  return redis;
}

async function stopFleet(fleet: TestFleet, folder: string): Promise<(number | null)[]> {
  const codes: (number | null)[] = [];
  for (const { process } of [...fleet.gateways, ...fleet.workers, ...fleet.boards]) {
    // a process that a failed test left stopped (SIGSTOP) would not handle SIGTERM
    process.kill('SIGCONT');
    codes.push(await terminate(process, 'SIGTERM'));
  }
  fleet.redis.kill('SIGCONT');
  await terminate(fleet.redis, 'SIGKILL');
  await rm(folder, { recursive: true, force: true });
  return codes;
}

/** Sends one command to Redis by its inline protocol, which needs no client library. */
async function command(port: number, words: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.write(`${words}\r\n`);
  const [answer] = (await once(socket, 'data')) as [string];
  socket.destroy();
  return answer;
}

async function count(port: number, words: string): Promise<number> {
  return Number((await command(port, words)).slice(1));
}

/** Waits for the end of the process. Returns its exit code, or null when a signal ended it. */
export async function terminate(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
  return child.exitCode;
}

async function startMember(folder: string, env: Record<string, string>): Promise<Member> {
  const main = join(folder, 'main.js');
  if (!existsSync(main)) throw new Error(`${main} is missing: run npm run build first`);
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const line = await printed(child, '"msg":"listening"').catch((error: Error) => {
    throw new Error(`${main}: ${error.message}\n${output}`);
  });
  const { url, opsUrl } = JSON.parse(line) as { url?: string; opsUrl: string };
  return { process: child, url: url ?? '', opsUrl, output: () => output };
}

/** The first line on standard output that contains a text. Rejects when the process ends before. */
async function printed(child: ChildProcess, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> });
    lines.on('line', (line) => line.includes(text) && resolve(line));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it printed ${text}`)));
  });
}

export async function answers(url: string, status: number): Promise<void> {
  await until(async () => (await fetch(url).catch(() => undefined))?.status === status);
}

interface PostOptions {
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export function post(url: string, body: unknown, { headers = {}, signal }: PostOptions = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
}

/** The samples of a /metrics page: `name{labels}` as printed -> value. */
export async function scrape(opsUrl: string): Promise<Map<string, number>> {
  const page = await (await fetch(`${opsUrl}/metrics`)).text();
  const samples = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line): [string, number] => {
      const end = line.lastIndexOf('}') + 1 || line.indexOf(' ');
      return [line.slice(0, end), Number(line.slice(end).trim().split(' ')[0])];
    }),
  );
}

/** Sum of the samples of a metric that have all given labels. */
export function sum(samples: Map<string, number>, name: string, labels: Record<string, string> = {}): number {
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return [...samples]
    .filter(([sample]) => sample.split('{')[0] === name && wanted.every((label) => sample.includes(label)))
    .reduce((total, [, value]) => total + value, 0);
}
