import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { staleFiles } from '../generated';
import { problemsOf } from '../promql';
import { alertCases } from './cases';
import { alerts, ruleQueries, rules } from './index';
import { isAlert } from './rule';

const root = join(__dirname, '../../../..');
const deploy = join(root, 'deploy');
const run = promisify(execFile);

const names = [...new Set(alerts.map(({ alert }) => alert))].sort();
const recorded = new Set(rules.flatMap((rule) => (isAlert(rule) ? [] : [rule.record])));

test('the committed rules and their tests match the code', async () => {
  expect(await staleFiles(root)).toEqual([]);
});

test('promtool accepts every rule file without an error', async () => {
  const files = readdirSync(join(deploy, 'prometheus/rules')).map((name) => join(deploy, 'prometheus/rules', name));
  expect(files).toHaveLength(4);
  const { stdout, stderr } = await run('promtool', ['check', 'rules', ...files]);
  expect(stdout + stderr).not.toMatch(/error|FAILED/i);
});

test("Prometheus' own tests of the rules pass: each alert fires, and stays silent near its limit", async () => {
  const { stdout } = await run('promtool', ['test', 'rules', join(deploy, 'prometheus/tests/rules.test.yml')]);
  expect(stdout).toContain('SUCCESS');
}, 120_000);

test('promtool and amtool accept the configuration files', async () => {
  await run('promtool', ['check', 'config', join(deploy, 'prometheus/prometheus.yml')]);
  const { stdout } = await run('amtool', ['check-config', join(deploy, 'alertmanager/alertmanager.yml')]);
  expect(stdout).toContain('SUCCESS');
  expect(stdout).toContain('1 templates');
});

test.each([
  { labels: ['alertname=RerankerNoReadyWorker', 'severity=page'], receivers: 'slack,dingtalk' },
  { labels: ['alertname=RerankerScoreDrift', 'severity=ticket'], receivers: 'mail' },
  { labels: ['alertname=Watchdog', 'severity=none'], receivers: 'dead-mans-switch' },
])('Alertmanager sends $labels to $receivers', async ({ labels, receivers }) => {
  const config = `--config.file=${join(deploy, 'alertmanager/alertmanager.yml')}`;
  const { stdout } = await run('amtool', ['config', 'routes', 'test', config, ...labels]);
  expect(stdout.trim()).toBe(receivers);
});

test('every alert has a case in which it fires and one in which it does not, and every case an alert', () => {
  expect(Object.keys(alertCases).sort()).toEqual(names.filter((name) => name !== 'Watchdog'));
  for (const { fires, silent } of Object.values(alertCases)) {
    expect(fires.expect).not.toEqual([]);
    expect(silent.expect).toEqual([]);
  }
});

test('every alert has a runbook, and every runbook an alert', () => {
  const pages = readdirSync(join(root, 'docs/runbooks')).filter((name) => name !== 'README.md');
  expect(pages.sort()).toEqual(names.map((name) => `${name}.md`));
  expect(existsSync(join(root, 'docs/runbooks/README.md'))).toBe(true);
});

test('every rule uses metrics and labels that a program exports, on Prometheus 2 and 3', () => {
  expect(ruleQueries().flatMap(({ expr }) => problemsOf(expr, recorded))).toEqual([]);
});

test('every inhibition names alerts that exist', () => {
  const text = readFileSync(join(deploy, 'alertmanager/alertmanager.yml'), 'utf8');
  const named = [...text.matchAll(/Reranker\w+/g)].map(([name]) => name);
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((name) => !names.includes(name))).toEqual([]);
});
