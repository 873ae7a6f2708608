import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@rerank-fleet/test-support';
import { terminate } from './fleet';

const root = join(__dirname, '../../..');

/** An alert in Alertmanager's webhook format. */
export interface ReceivedAlert {
  status: 'firing' | 'resolved';
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** A complete fleet with its real monitors, as started by `tools/up.sh --observe`. */
export interface ObservedFleet {
  /** URL of a process by its name; the first one if there are several. */
  urlOf(app: string): string;
  opsUrlOf(app: string): string;
  pidOf(app: string): number;
  /** Folder of its files. */
  dataDir: string;
  /** All alerts that Alertmanager has sent to the webhook, in order. */
  receivedAlerts: ReceivedAlert[];
  /** Stops the fleet. Resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** Starts the built launcher with scrapes, rule evaluations and notifications every `intervalS` seconds. */
export async function startObservedFleet(options: { intervalS: number; env?: Record<string, string> }) {
  const receivedAlerts: ReceivedAlert[] = [];
  const webhook = await startWebhook(receivedAlerts);
  const dataDir = await mkdtemp(join(tmpdir(), 'rerank-observed-'));
  const launcher = spawn(process.execPath, [join(root, 'dist/tools/up.js'), '--observe'], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      BOARD_PORT: '0',
      DATA_DIR: dataDir,
      OBSERVE_INTERVAL_S: String(options.intervalS),
      ALERT_WEBHOOK_URL: `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/`,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = linesOf(launcher);
  await until(() => {
    if (launcher.exitCode !== null) throw new Error(`the launcher ended:\n${lines.join('\n')}`);
    return lines.some((line) => line.startsWith('Ctrl-C stops'));
  });
  const words = (app: string) => {
    const found = lines.map((line) => line.split(' ')).find(([what, name]) => what === 'process' && name === app);
    if (!found) throw new Error(`there is no ${app} in this fleet`);
    return found;
  };
  const fleet: ObservedFleet = {
    urlOf: (app) => words(app)[3] ?? '',
    opsUrlOf: (app) => words(app).at(-1) ?? '',
    pidOf: (app) => Number(words(app)[2]),
    dataDir,
    receivedAlerts,
    async stop() {
      const code = await terminate(launcher, 'SIGTERM');
      webhook.close();
      webhook.closeAllConnections();
      await rm(dataDir, { recursive: true, force: true });
      return code;
    },
  };
  return fleet;
}

/** The output lines of a process. The array grows while the process prints. */
function linesOf(child: ChildProcess): string[] {
  const lines: string[] = [];
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  return lines;
}

async function startWebhook(receivedAlerts: ReceivedAlert[]): Promise<Server> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      receivedAlerts.push(...(JSON.parse(body) as { alerts: ReceivedAlert[] }).alerts);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
