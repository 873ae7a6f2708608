import { execFile, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '@rerank-fleet/test-support';
import { answers, scrape, sum, terminate } from './fleet';
import { sendGoodTraffic, sendMixedTraffic } from './mixed-traffic';
import { type ObservedFleet, startObservedFleet, type ReceivedAlert } from './observed-fleet';
import { makeShuffledWorker } from './shuffled-worker';

const root = join(__dirname, '../../..');
let fleet: ObservedFleet;
/** A worker that the test started. */
let replacement: ReturnType<typeof spawn> | undefined;

beforeAll(async () => {
  fleet = await startObservedFleet({ intervalS: 2, env: { INTERVAL_MS: '15000' } });
}, 180_000);
afterAll(async () => {
  if (replacement) await terminate(replacement, 'SIGTERM');
  expect(await fleet.stop()).toBe(0);
}, 60_000);

/** Sends every query of every panel and rule to Prometheus. Returns the complaints, empty when all have data. */
async function askEverything(): Promise<string> {
  const main = join(root, 'tools/src/observability/main.ts');
  const args = ['--conditions=@rerank-fleet/source', '--import', 'tsx', main, '--ask', fleet.urlOf('prometheus')];
  return promisify(execFile)(process.execPath, args, { cwd: root }).then(
    ({ stdout }) => {
      expect(stdout).toMatch(/^\d{3} queries, \d{3} of them must return data$/m);
      return '';
    },
    (error: { stderr: string }) => error.stderr,
  );
}

const heardOf = (alertname: string, status: ReceivedAlert['status']) =>
  fleet.receivedAlerts.filter((alert) => alert.labels['alertname'] === alertname && alert.status === status);

it('every query of every dashboard and rule has data after mixed traffic', async () => {
  const statuses = await sendMixedTraffic(fleet.urlOf('gateway'));
  for (const status of [0, 200, 400, 404, 413, 422, 429, 504])
    expect([status, statuses.get(status)]).toEqual([status, expect.any(Number)]);
  let complaint = 'no query was sent';
  // rates need a second scrape during traffic, and the quality of the model needs a complete round of golden queries
  while (complaint !== '') {
    await sendGoodTraffic(fleet.urlOf('gateway'));
    complaint = await askEverything();
  }
  const atGateway = await scrape(fleet.opsUrlOf('gateway'));
  expect(sum(atGateway, 'reranker_feedback_total', { kind: 'grade' })).toBeGreaterThanOrEqual(8);
}, 240_000);

it("sends the Watchdog to a webhook through Alertmanager, with the runbook's URL", async () => {
  await until(() => heardOf('Watchdog', 'firing').length > 0);
  expect(heardOf('Watchdog', 'firing')[0]?.annotations['runbook_url']).toMatch(/docs\/runbooks\/Watchdog\.md$/);
}, 60_000);

it('alerts on a killed worker, and resolves the alert when another one is ready', async () => {
  process.kill(fleet.pidOf('worker'), 'SIGKILL');
  await until(() => heardOf('RerankerNoReadyWorker', 'firing').length > 0);
  await until(() => heardOf('RerankerTargetDown', 'firing').length > 0);
  expect(heardOf('RerankerTargetDown', 'firing')[0]?.labels['job']).toBe('reranker-worker');
  await replaceWorker(join(root, 'dist/apps/worker/main.js'));
  await until(() => heardOf('RerankerNoReadyWorker', 'resolved').length > 0);
  await until(() => heardOf('RerankerTargetDown', 'resolved').length > 0);
}, 240_000);

it('alerts on a model that answers at normal speed but ranks badly', async () => {
  expect(heardOf('RerankerQualityFell', 'firing')).toEqual([]);
  const shuffled = await makeShuffledWorker();
  try {
    await replaceWorker(shuffled.main);
    await until(() => heardOf('RerankerQualityFell', 'firing').length > 0);
  } finally {
    await shuffled.remove();
  }
  const [alert] = heardOf('RerankerQualityFell', 'firing');
  expect(alert?.labels).toMatchObject({ model: 'multilingual-e5-small', severity: 'page' });
  const atProbe = await scrape(fleet.opsUrlOf('quality-probe'));
  expect(sum(atProbe, 'reranker_quality_score_drift', { language: 'en' })).toBeLessThan(0.1);
}, 240_000);

/** Starts a worker that replaces the previous one as a target of Prometheus. */
async function replaceWorker(main: string): Promise<void> {
  if (replacement) await terminate(replacement, 'SIGTERM');
  const env = {
    PATH: process.env['PATH'],
    REDIS_URL: fleet.urlOf('redis'),
    MODELS_DIR: join(root, 'models'),
    OPS_PORT: '0',
    SESSIONS: '1',
  };
  replacement = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  replacement.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  await until(() => output.includes('"opsUrl"'));
  const opsUrl = /"opsUrl":"([^"]+)"/.exec(output)?.[1] ?? '';
  await answers(`${opsUrl}/ready`, 200);
  const targets = join(fleet.dataDir, 'observe/targets/reranker-worker.json');
  expect(JSON.parse(await readFile(targets, 'utf8'))).toHaveLength(1);
  await writeFile(targets, JSON.stringify([{ targets: [new URL(opsUrl).host] }]));
}
