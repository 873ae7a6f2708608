import { isAbsolute, join } from 'node:path';
import { parse, stringify } from 'yaml';

/** Addresses (`host:port`) of the local processes, by Prometheus job. */
export type LocalTargets = Readonly<Record<string, readonly string[]>>;

/** The differences between the local Prometheus and production: addresses, paths and intervals. */
export interface LocalPrometheus {
  targets: LocalTargets;
  alertmanager: string;
  /** Folder of the production files. Their rules are used unchanged. */
  folder: string;
  /** Folder for the files with the targets. */
  targetsFolder: string;
  /** Seconds between scrapes and evaluations; undefined = as in production. */
  intervalS: number | undefined;
  /** Content of the production file for long-term storage, and the address of the local storage; undefined = none. */
  remoteWrite: { file: string; url: string } | undefined;
}

/** A part of the configuration with service discovery. */
interface Discovery {
  dns_sd_configs?: object[];
  static_configs?: object[];
  [key: string]: unknown;
}

interface ScrapeConfig extends Discovery {
  job_name: string;
  scrape_interval?: string;
  scrape_timeout?: string;
}

interface PrometheusConfig {
  global: { scrape_interval: string; scrape_timeout: string; evaluation_interval: string; [key: string]: unknown };
  rule_files: string[];
  alerting: { alertmanagers: Discovery[]; [key: string]: unknown };
  scrape_configs: ScrapeConfig[];
  remote_write?: { url: string }[];
}

/**
 * Prometheus' configuration for this machine, derived from production. It replaces only the addresses of targets,
 * Alertmanager and long-term storage, the paths of the rules and, if requested, the intervals. Jobs without a local
 * target are left out.
 */
export function localPrometheusConfig(production: string, local: LocalPrometheus): string {
  const config = parse(production) as PrometheusConfig;
  const { targets, intervalS } = local;
  const result: PrometheusConfig = {
    ...config,
    global: { ...config.global, ...intervals(intervalS, { evaluation: true }) },
    rule_files: config.rule_files.map((path) => (isAbsolute(path) ? path : join(local.folder, path))),
    alerting: {
      ...config.alerting,
      alertmanagers: config.alerting.alertmanagers.map((each) => ({
        ...withoutDiscovery(each),
        static_configs: [{ targets: [local.alertmanager] }],
      })),
    },
    scrape_configs: config.scrape_configs
      .filter(({ job_name: job }) => targets[job] !== undefined)
      .map((scrape) => localScrape(scrape, local)),
  };
  if (local.remoteWrite) {
    const [storage] = (parse(local.remoteWrite.file) as Required<Pick<PrometheusConfig, 'remote_write'>>).remote_write;
    result.remote_write = [{ ...storage, url: local.remoteWrite.url }];
  }
  return stringify(result);
}

function localScrape(scrape: ScrapeConfig, { intervalS, targetsFolder }: LocalPrometheus): ScrapeConfig {
  const own = scrape.scrape_interval === undefined ? {} : intervals(intervalS, { evaluation: false });
  const files = [targetsFile(targetsFolder, scrape.job_name)];
  return { ...withoutDiscovery(scrape), ...own, file_sd_configs: [{ files }] };
}

function withoutDiscovery<T extends Discovery>(part: T): T {
  const kept = { ...part };
  delete kept.dns_sd_configs;
  delete kept.static_configs;
  return kept;
}

function intervals(intervalS: number | undefined, { evaluation }: { evaluation: boolean }): Record<string, string> {
  if (intervalS === undefined) return {};
  const interval = `${intervalS}s`;
  return {
    scrape_interval: interval,
    scrape_timeout: interval,
    ...(evaluation ? { evaluation_interval: interval } : {}),
  };
}

/** Path of the file with the targets of a job. */
export function targetsFile(folder: string, job: string): string {
  return join(folder, `${job}.json`);
}

/** The content of a file with targets. */
export function targetsText(targets: readonly string[]): string {
  return JSON.stringify([{ targets }]);
}

/** The differences between the local Alertmanager and production: without secrets, it can only call a webhook. */
export interface LocalAlertmanager {
  /** Folder of the production files. Their templates are used unchanged. */
  folder: string;
  /** Gets the notifications of all receivers; undefined = nothing is sent. */
  webhookUrl: string | undefined;
  /** Seconds that notifications wait for others of their group; undefined = as in production. */
  intervalS: number | undefined;
}

interface AlertmanagerConfig {
  global: Record<string, unknown>;
  templates: string[];
  route: Route;
  receivers: { name: string }[];
  [key: string]: unknown;
}

interface Route {
  group_wait?: string;
  group_interval?: string;
  routes?: Route[];
  [key: string]: unknown;
}

/**
 * Alertmanager's configuration for this machine, derived from production. It has the same routes, groups, inhibitions
 * and templates, but every receiver is the webhook, and nothing refers to a secret.
 */
export function localAlertmanagerConfig(production: string, local: LocalAlertmanager): string {
  const config = parse(production) as AlertmanagerConfig;
  const { resolve_timeout: resolveTimeout } = config.global;
  const webhook = local.webhookUrl === undefined ? {} : { webhook_configs: [{ url: local.webhookUrl }] };
  return stringify({
    ...config,
    global: { resolve_timeout: resolveTimeout },
    templates: config.templates.map((path) => (isAbsolute(path) ? path : join(local.folder, path))),
    route: local.intervalS === undefined ? config.route : fasterRoute(config.route, local.intervalS),
    receivers: config.receivers.map(({ name }) => ({ name, ...webhook })),
  });
}

function fasterRoute(route: Route, intervalS: number): Route {
  return {
    ...route,
    group_wait: `${intervalS}s`,
    group_interval: `${intervalS}s`,
    ...(route.routes && { routes: route.routes.map((each) => fasterRoute(each, intervalS)) }),
  };
}
