import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { availabilityObjective, badRequestsMin, burnWindows, latencyObjective } from './objectives';
import { problemsOf } from './promql';
import { readRules, recordedNames, ruleFiles, ruleQueries, runbookFolderUrl } from './rules';

const root = join(__dirname, '../../..');
const deploy = join(root, 'deploy');
const run = promisify(execFile);

const rules = readRules(root);
const names = [...new Set(rules.flatMap(({ alert }) => alert ?? []))].sort();
const recorded = recordedNames(rules);

const testFolder = join(deploy, 'prometheus/tests');
const testFiles = readdirSync(testFolder);

/** A file of promtool's tests, as far as it is read here. */
interface RuleTests {
  tests: { alert_rule_test?: { alertname: string; exp_alerts: unknown[] }[] }[];
}

test('promtool accepts every rule file without an error', async () => {
  const { stdout, stderr } = await run('promtool', [
    'check',
    'rules',
    ...ruleFiles(root).map((path) => join(root, path)),
  ]);
  expect(stdout).toContain('SUCCESS');
  expect(stdout + stderr).not.toMatch(/error|FAILED/i);
});

test.each(testFiles)(
  "Prometheus' own tests of the rules pass: %s",
  async (name) => {
    const { stdout } = await run('promtool', ['test', 'rules', join(testFolder, name)]);
    expect(stdout).toContain('SUCCESS');
  },
  120_000,
);

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
  const cases = testFiles
    .flatMap((name) => (parse(readFileSync(join(testFolder, name), 'utf8')) as RuleTests).tests)
    .flatMap(({ alert_rule_test }) => alert_rule_test ?? []);
  const tested = (fires: boolean) =>
    [...new Set(cases.filter((each) => each.exp_alerts.length > 0 === fires).map((each) => each.alertname))].sort();
  expect(tested(true)).toEqual(names);
  expect(tested(false)).toEqual(names.filter((name) => name !== 'Watchdog'));
});

test('the burn rate alerts have the limits and windows of the objectives', () => {
  const budgets = { Availability: 1 - availabilityObjective, Latency: 1 - latencyObjective };
  const wanted = Object.entries(budgets).flatMap(([what, budget]) =>
    burnWindows.map(({ burnRate, ratioMax, ...window }) => ({
      ...window,
      alert: `Reranker${what}Burn`,
      limit: Number(Math.min(ratioMax, burnRate * budget).toFixed(5)),
    })),
  );
  const found = rules
    .filter(({ alert }) => alert?.endsWith('Burn'))
    .map(({ alert, expr, labels, ...rule }) => {
      const [long, short] = [...expr.matchAll(/ratio_rate(\w+) > ([\d.]+)/g)];
      expect(long?.[2]).toBe(short?.[2]);
      expect(long?.[1]).toBe(labels?.['window']);
      expect(expr.endsWith(`> ${badRequestsMin}`)).toBe(true);
      return {
        ...{ alert, severity: labels?.['severity'], for: rule.for },
        ...{ long: long?.[1], short: short?.[1], limit: Number(long?.[2]) },
      };
    });
  expect(found).toEqual(wanted);
});

test('every alert has a runbook, and every runbook an alert', () => {
  const pages = readdirSync(join(root, 'docs/runbooks')).filter((name) => name !== 'README.md');
  expect(pages.sort()).toEqual(names.map((name) => `${name}.md`));
  expect(existsSync(join(root, 'docs/runbooks/README.md'))).toBe(true);
});

test('every alert links to its runbook', () => {
  const links = rules.flatMap(({ alert, annotations }) => (alert ? { alert, url: annotations?.['runbook_url'] } : []));
  expect(links.filter(({ alert, url }) => url !== `${runbookFolderUrl}/${alert}.md`)).toEqual([]);
});

test('every rule uses metrics and labels that a program exports, on Prometheus 2 and 3', () => {
  expect(ruleQueries(rules).flatMap(({ expr }) => problemsOf(expr, recorded))).toEqual([]);
});

test('every inhibition names alerts that exist', () => {
  const text = readFileSync(join(deploy, 'alertmanager/alertmanager.yml'), 'utf8');
  const named = [...text.matchAll(/Reranker\w+/g)].map(([name]) => name);
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((name) => !names.includes(name))).toEqual([]);
});
