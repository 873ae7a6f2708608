import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createQueueBoardMetrics } from '@rerank-fleet/metrics';
import { startTestRedis, type TestRedis } from '@rerank-fleet/queue/testing';
import { stringify } from 'yaml';
import { checkPort } from '../up/ports';
import { exporterMetricsByProgram } from './exporter-metrics';

const folder = mkdtempSync(join(tmpdir(), 'rerank-exporters-'));
const children: ChildProcess[] = [];
let redis: TestRedis;

/** Starts a program that serves metrics on a free port. Returns its address. */
async function start(command: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const check = await checkPort('127.0.0.1', 0);
  if (check.state !== 'free') throw new Error('there is no free port');
  const address = `127.0.0.1:${check.port}`;
  const child = spawn(command, [...args, `--web.listen-address=${address}`], {
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
  children.push(child);
  await once(child, 'spawn');
  return address;
}

function write(name: string, document: object): string {
  writeFileSync(join(folder, name), stringify(document));
  return join(folder, name);
}

/** A Prometheus that scrapes the real exporters, Alertmanager and itself, and has one rule that fires. */
async function startAll(): Promise<string> {
  const routes = write('alertmanager.yml', { route: { receiver: 'none' }, receivers: [{ name: 'none' }] });
  const targets = [
    await start('prometheus-node-exporter', []),
    await start('prometheus-redis-exporter', [], { REDIS_ADDR: `unix://${redis.socket}` }),
    await start('prometheus-alertmanager', [
      `--config.file=${routes}`,
      `--storage.path=${join(folder, 'alertmanager')}`,
      '--cluster.listen-address=',
    ]),
  ];
  const rules = write('rules.yml', { groups: [{ name: 'one', rules: [{ alert: 'Always', expr: 'vector(1)' }] }] });
  const config = write('prometheus.yml', {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [rules],
    scrape_configs: [
      { job_name: 'exporters', static_configs: [{ targets }] },
      { job_name: 'itself', file_sd_configs: [{ files: [join(folder, 'itself.json')], refresh_interval: '1s' }] },
    ],
  });
  const prometheus = await start('prometheus', [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
  ]);
  writeFileSync(join(folder, 'itself.json'), JSON.stringify([{ targets: [prometheus] }]));
  return prometheus;
}

/** The names for which Prometheus has no series. */
async function missingIn(prometheus: string, names: readonly string[]): Promise<string[]> {
  const response = await fetch(`http://${prometheus}/api/v1/label/__name__/values`).catch(() => undefined);
  const known = response?.ok ? ((await response.json()) as { data: string[] }).data : [];
  return names.filter((name) => !known.includes(name));
}

beforeAll(async () => {
  redis = await startTestRedis();
});

afterAll(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('the real programs export each of their series that rules and dashboards may use', async () => {
  const { 'prom-client': _own, dcgm: _needsGpu, ...programs } = exporterMetricsByProgram;
  const names = Object.values(programs).flat();
  const prometheus = await startAll();
  let missing: string[] = names;
  for (const end = Date.now() + 20_000; missing.length > 0 && Date.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    missing = await missingIn(prometheus, names);
  }
  expect(missing).toEqual([]);
}, 60_000);

test('each of our processes exports the series of prom-client that rules and dashboards may use', async () => {
  const text = await createQueueBoardMetrics().render();
  for (const name of exporterMetricsByProgram['prom-client']) expect(text).toMatch(new RegExp(`^${name}[{ ]`, 'm'));
});
