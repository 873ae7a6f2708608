import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** Every app that a launcher may have started. */
export const startedApps = ['redis', 'worker', 'gateway', 'queue-board', 'quality-probe'].concat([
  'prometheus',
  'alertmanager',
  'node-exporter',
  'redis-exporter',
  'victoria-metrics',
]);

/** Every stand-in appends its name to this file when it gets SIGTERM. */
const endsFile = 'ends.txt';

/** The common part of the stand-ins: an HTTP server for `/ready` and empty `/metrics`, and an orderly end. */
const standIn = (app: string, main: string) => `
const http = require('node:http');
const { appendFileSync } = require('node:fs');
const fault = process.env.FAULT || '';
if (fault === '${app} dies early') { console.error('no model here'); process.exit(3); }
const listen = (handler, port, host) => new Promise((resolve, reject) => {
  const server = http.createServer(handler).on('error', reject)
    .listen(Number(port), host, () => resolve('http://127.0.0.1:' + server.address().port));
});
const ops = (request, response) => response.writeHead(['/ready', '/metrics'].includes(request.url) ? 200 : 404).end();
(async () => {
  const opsUrl = await listen(ops, process.env.OPS_PORT, process.env.OPS_HOST);
  ${main}
})().catch((error) => { console.error(String(error)); process.exit(1); });
process.on('SIGTERM', () => {
  appendFileSync(process.env.ENDS, '${app} ');
  if (fault !== '${app} hangs') process.exit(0);
});
`;

const gateway = standIn(
  'gateway',
  `const answer = (request, response) => {
    if (request.method === 'GET') return ops(request, response);
    const [key] = (process.env.API_KEYS || '').split(',');
    if (key && request.headers.authorization !== 'Bearer ' + key) return response.writeHead(401).end();
    let body = '';
    request.on('data', (chunk) => (body += chunk)).on('end', () => {
      if (fault === 'gateway answers 500') return response.writeHead(500).end('{"message":"broken"}');
      const documents = JSON.parse(body).documents;
      const results = documents.map((_, index) => ({ index, relevance_score: 1 / (index + 1) }));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ results }));
    });
  };
  const url = await listen(answer, process.env.PORT, process.env.HOST);
  console.log(JSON.stringify({ msg: 'listening', url, opsUrl, board: process.env.QUEUE_BOARD_URL }));`,
);

const worker = standIn(
  'worker',
  `console.log(JSON.stringify({ msg: 'listening', opsUrl, sessions: process.env.SESSIONS }));`,
);

const queueBoard = standIn(
  'queue-board',
  `const url = await listen(ops, process.env.PORT, process.env.HOST);
  console.log(JSON.stringify({ msg: 'listening', url, opsUrl }));`,
);

const qualityProbe = standIn(
  'quality-probe',
  `console.log(JSON.stringify({ msg: 'listening', opsUrl, gateway: process.env.GATEWAY_URL }));`,
);

/** A folder with the layout of a built repository, with stand-ins for the apps. */
export interface Checkout {
  root: string;
  /** The apps that got SIGTERM, in that order. */
  ends(): string[];
  /** Starts the launcher there. `remove` kills it if it still runs. */
  up(args: string[], env?: Record<string, string>): Launched;
  remove(): void;
}

/** A started launcher. */
export interface Launched {
  process: ChildProcess;
  /** Everything printed so far, on both outputs. */
  output(): string;
  /** Resolves with the first matching line. Rejects when the launcher ends without it. */
  line(pattern: RegExp): Promise<string>;
  /** Process ids by app, from the `process` lines. */
  pids(app: string): number[];
  /** Resolves with the exit code. */
  exited: Promise<number | null>;
}

let bundled: Uint8Array | undefined;

/** The launcher as one bundled file, built once for all tests. */
function bundledLauncher(): Uint8Array {
  bundled ??= buildSync({
    entryPoints: [join(__dirname, 'main.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    conditions: ['@rerank-fleet/source'],
  }).outputFiles[0]?.contents;
  if (!bundled) throw new Error('esbuild returned no output');
  return bundled;
}

/** Creates a checkout with the launcher and the stand-ins. */
export function makeCheckout(): Checkout {
  const root = mkdtempSync(join(tmpdir(), 'up-test-'));
  mkdirSync(join(root, 'dist/tools'), { recursive: true });
  writeFileSync(join(root, 'dist/tools/up.js'), bundledLauncher());
  for (const [app, source] of Object.entries({
    gateway,
    worker,
    'queue-board': queueBoard,
    'quality-probe': qualityProbe,
  })) {
    mkdirSync(join(root, 'dist/apps', app), { recursive: true });
    writeFileSync(join(root, 'dist/apps', app, 'main.js'), source);
  }
  cpSync(join(__dirname, '../../../deploy'), join(root, 'deploy'), { recursive: true });
  writeFileSync(join(root, endsFile), '');
  const launched: Launched[] = [];
  return {
    root,
    ends: () => readFileSync(join(root, endsFile), 'utf8').trim().split(' ').filter(Boolean),
    up(args, env = {}) {
      const each = launch(root, args, env);
      launched.push(each);
      return each;
    },
    remove() {
      for (const each of launched) {
        each.process.kill('SIGKILL');
        // ends children that the launcher did not stop
        for (const pid of startedApps.flatMap(each.pids).filter(isAlive)) process.kill(pid, 'SIGKILL');
      }
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function launch(root: string, args: string[], env: Record<string, string>): Launched {
  const child = spawn(process.execPath, [join(root, 'dist/tools/up.js'), ...args], {
    env: { PATH: process.env['PATH'], TMPDIR: root, PORT: '0', BOARD_PORT: '0', ENDS: join(root, endsFile), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let look: () => void = () => undefined;
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
    look();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const line = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      look = () => {
        const found = output.split('\n').find((each) => pattern.test(each));
        if (found !== undefined) resolve(found);
      };
      look();
      void exited.then(() => reject(new Error(`ended without ${pattern}:\n${output}`)));
    });
  const pids = (app: string) =>
    [...output.matchAll(new RegExp(`^process ${app} (\\d+)`, 'gm'))].map(([, pid]) => Number(pid));
  return { process: child, output: () => output, line, pids, exited };
}

/** Whether a process still runs. A process that has ended and is not reaped yet does not run. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = existsSync('/proc/self/stat') ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
    return !/\) [ZX] /.test(stat);
  } catch {
    return false;
  }
}
