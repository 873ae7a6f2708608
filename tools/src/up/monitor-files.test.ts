import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type LocalPrometheus, localAlertmanagerConfig, localPrometheusConfig, targetsText } from './monitor-files';

const deploy = join(__dirname, '../../../deploy');
const prometheusFile = readFileSync(join(deploy, 'prometheus/prometheus.yml'), 'utf8');
const alertmanagerFile = readFileSync(join(deploy, 'alertmanager/alertmanager.yml'), 'utf8');
const remoteWriteFile = readFileSync(join(deploy, 'prometheus/remote-write.yml'), 'utf8');

const jobs = ['gateway', 'worker', 'queue-board', 'quality-probe'].map((app) => `reranker-${app}`);
const local: LocalPrometheus = {
  targets: Object.fromEntries([...jobs, 'redis', 'node', 'prometheus', 'alertmanager'].map((job) => [job, []])),
  alertmanager: '127.0.0.1:9093',
  folder: '/repo/deploy/prometheus',
  targetsFolder: '/data/targets',
  intervalS: undefined,
  remoteWrite: undefined,
};

interface Scrape {
  job_name: string;
  [key: string]: unknown;
}
interface Config {
  scrape_configs: Scrape[];
  [key: string]: unknown;
}

/** A configuration without addresses and paths. */
function withoutPlaces(text: string): object {
  const places = ['dns_sd_configs', 'static_configs', 'file_sd_configs'];
  const { rule_files: _rules, ...kept } = JSON.parse(JSON.stringify(parse(text)), (key, value: unknown) =>
    places.includes(key) ? undefined : value,
  ) as Config;
  const jobs = kept.scrape_configs.filter(({ job_name: job }) => !['cadvisor', 'dcgm'].includes(job));
  return { ...kept, scrape_configs: jobs };
}

describe('the local configuration of Prometheus', () => {
  test('differs from production only in addresses and paths', () => {
    const withMore = prometheusFile.replace(
      'alerting:\n  alertmanagers:\n    - static',
      'alerting:\n  alert_relabel_configs: [{ regex: replica, action: labeldrop }]\n  alertmanagers:\n    - timeout: 5s\n      static',
    );
    for (const file of [prometheusFile, withMore]) {
      expect(withoutPlaces(localPrometheusConfig(file, local))).toEqual(withoutPlaces(file));
    }
    expect(withMore).toContain('labeldrop');
  });

  test('reads the targets of each job from a separate file, and the rules from the production folder', () => {
    const config = parse(localPrometheusConfig(prometheusFile, local)) as Config;
    expect(config['rule_files']).toEqual(['/repo/deploy/prometheus/rules/*.yml']);
    for (const scrape of config.scrape_configs) {
      expect(scrape['file_sd_configs']).toEqual([{ files: [`/data/targets/${scrape.job_name}.json`] }]);
    }
    expect(JSON.stringify(config['alerting'])).toContain('127.0.0.1:9093');
  });

  test('leaves out jobs without a local target', () => {
    const config = parse(localPrometheusConfig(prometheusFile, { ...local, targets: { node: [] } })) as Config;
    expect(config.scrape_configs.map(({ job_name: job }) => job)).toEqual(['node']);
  });

  test('uses other intervals when they are given', () => {
    const text = localPrometheusConfig(prometheusFile, { ...local, intervalS: 2 });
    const config = parse(text) as Config & { global: object };
    expect(config.global).toMatchObject({ scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '2s' });
    expect(text).not.toMatch(/(interval|timeout): 1[05]s/);
  });

  test('writes to long-term storage like production, at the local address', () => {
    const remoteWrite = { file: remoteWriteFile, url: 'http://127.0.0.1:8428/api/v1/write' };
    const config = parse(localPrometheusConfig(prometheusFile, { ...local, remoteWrite })) as Config;
    const [production] = (parse(remoteWriteFile) as { remote_write: object[] }).remote_write;
    expect(config['remote_write']).toEqual([{ ...production, url: remoteWrite.url }]);
  });
});

describe('the local configuration of Alertmanager', () => {
  const here = { folder: '/repo/deploy/alertmanager', webhookUrl: 'http://127.0.0.1:1/hook', intervalS: undefined };
  const production = parse(alertmanagerFile) as Record<string, unknown> & { receivers: { name: string }[] };

  test('keeps routes, groups and inhibitions, and sends the notifications of all receivers to the webhook', () => {
    const config = parse(localAlertmanagerConfig(alertmanagerFile, here)) as typeof production;
    expect(config['route']).toEqual(production['route']);
    expect(config['inhibit_rules']).toEqual(production['inhibit_rules']);
    expect(config.receivers).toEqual(
      production.receivers.map(({ name }) => ({ name, webhook_configs: [{ url: here.webhookUrl }] })),
    );
    expect(config['templates']).toEqual(['/repo/deploy/alertmanager/templates/*.tmpl']);
  });

  test('refers to no secret and to no host of production', () => {
    const text = localAlertmanagerConfig(alertmanagerFile, { ...here, webhookUrl: undefined });
    expect(text).not.toMatch(/\/run\/secrets|example\.internal|dingtalk-bridge/);
    expect(alertmanagerFile).toMatch(/\/run\/secrets/);
  });

  test('notifies sooner on every route when an interval is given', () => {
    const text = localAlertmanagerConfig(alertmanagerFile, { ...here, intervalS: 1 });
    expect([...text.matchAll(/group_(?:wait|interval): (\S+)/g)].map(([, value]) => value)).toEqual(
      new Array(8).fill('1s'),
    );
  });
});

test("targets are written in Prometheus' format", () => {
  expect(JSON.parse(targetsText(['127.0.0.1:1', '127.0.0.1:2']))).toEqual([
    { targets: ['127.0.0.1:1', '127.0.0.1:2'] },
  ]);
});
