import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRedisUrl, type RedisLocation } from '@rerank-fleet/service-shell';
import { type Child, findProgram, readLog, startChild } from './children';
import type { ObserveConfig } from './config';
import { type Fleet, type Member, addChild, diedEarly, progress } from './fleet';
import { processLine } from './lines';
import {
  type LocalTargets,
  localAlertmanagerConfig,
  localPrometheusConfig,
  targetsFile,
  targetsText,
} from './monitor-files';
import { checkPort, isListening } from './ports';
import { exporterEnv } from './redis';
import { poll } from './waiting';

/** A running monitoring program. */
export interface Monitor {
  app: string;
  url: string;
}

/** How a monitoring program is started. */
interface Program {
  app: string;
  /** Name of the program in Debian. */
  command: string;
  wantedPort: number;
  args(address: string): string[];
  env?: Record<string, string>;
  /** Answers 200 when the program is ready. */
  readyPath: string;
}

/** What is monitored, and how. */
export interface Watched extends ObserveConfig {
  members: Member[];
  redisUrl: string;
}

const host = '127.0.0.1';
const attempts = 5;

/**
 * Starts the exporters for the machine and Redis, Alertmanager, VictoriaMetrics if requested, and Prometheus. Each runs
 * on a free port of the loopback interface, with the configuration in `deploy/`. Throws when a program is not installed
 * or ends early.
 */
export async function startMonitors(fleet: Fleet, watched: Watched): Promise<Monitor[]> {
  const folder = join(fleet.dataDir, 'observe');
  mkdirSync(join(folder, 'targets'), { recursive: true });
  const node = await startProgram(fleet, nodeExporter);
  const redis = await startProgram(fleet, redisExporter(parseRedisUrl(watched.redisUrl)));
  const alertmanager = await startProgram(fleet, alertmanagerProgram(fleet.root, { folder, watched }));
  const storage = watched.longTerm ? await startProgram(fleet, victoriaMetrics(folder, watched.intervalS)) : undefined;
  const targets = {
    ...targetsOf(watched.members),
    node: [addressOf(node)],
    redis: [addressOf(redis)],
    alertmanager: [addressOf(alertmanager)],
  };
  const prometheus = await startProgram(
    fleet,
    prometheusProgram(fleet.root, { folder, watched, targets, alertmanager, storage }),
  );
  // Prometheus also scrapes itself; its address is known only now
  writeTargets(folder, { prometheus: [addressOf(prometheus)] });
  return [prometheus, alertmanager, node, redis, ...(storage ? [storage] : [])];
}

/** Ops addresses of the apps, by job. A worker that dies stays a target, so that an alert can fire. */
function targetsOf(members: readonly Member[]): LocalTargets {
  const targets: Record<string, string[]> = {};
  for (const { app, opsUrl } of members) (targets[`reranker-${app}`] ??= []).push(new URL(opsUrl).host);
  return targets;
}

function addressOf({ url }: Monitor): string {
  return new URL(url).host;
}

function writeTargets(folder: string, targets: LocalTargets): void {
  for (const [job, addresses] of Object.entries(targets)) {
    writeFileSync(targetsFile(join(folder, 'targets'), job), targetsText(addresses));
  }
}

const nodeExporter: Program = {
  app: 'node-exporter',
  command: 'prometheus-node-exporter',
  wantedPort: 9100,
  args: (address) => [`--web.listen-address=${address}`],
  readyPath: '/',
};

/**
 * The password is passed in the environment, because every user of the machine can read the arguments of a process. The
 * exporter monitors a single address: the first one, which is a Sentinel if the location consists of Sentinels.
 */
function redisExporter(redis: RedisLocation | undefined): Program {
  return {
    app: 'redis-exporter',
    command: 'prometheus-redis-exporter',
    wantedPort: 9121,
    args: (address) => [`--web.listen-address=${address}`],
    ...(redis && { env: exporterEnv(redis) }),
    readyPath: '/',
  };
}

function alertmanagerProgram(root: string, { folder, watched }: { folder: string; watched: Watched }): Program {
  const source = join(root, 'deploy/alertmanager');
  const file = join(folder, 'alertmanager.yml');
  const { webhookUrl, intervalS } = watched;
  const production = readFileSync(join(source, 'alertmanager.yml'), 'utf8');
  // the address of a webhook may contain a token
  writeFileSync(file, localAlertmanagerConfig(production, { folder: source, webhookUrl, intervalS }), { mode: 0o600 });
  return {
    app: 'alertmanager',
    command: 'prometheus-alertmanager',
    wantedPort: 9093,
    args: (address) => [
      `--config.file=${file}`,
      `--storage.path=${join(folder, 'alertmanager')}`,
      `--web.listen-address=${address}`,
      // a single instance needs no cluster port
      '--cluster.listen-address=',
    ],
    readyPath: '/-/ready',
  };
}

function victoriaMetrics(folder: string, intervalS: number | undefined): Program {
  return {
    app: 'victoria-metrics',
    command: 'victoria-metrics',
    wantedPort: 8428,
    args: (address) => [
      `-storageDataPath=${join(folder, 'victoria-metrics')}`,
      `-httpListenAddr=${address}`,
      // in months
      '-retentionPeriod=12',
      // queries return no newer samples than this; the default is 30 s
      ...(intervalS === undefined ? [] : [`-search.latencyOffset=${intervalS}s`]),
    ],
    readyPath: '/health',
  };
}

interface PrometheusPlan {
  folder: string;
  watched: Watched;
  targets: LocalTargets;
  alertmanager: Monitor;
  storage: Monitor | undefined;
}

function prometheusProgram(root: string, plan: PrometheusPlan): Program {
  const { folder, watched, targets, alertmanager, storage } = plan;
  const source = join(root, 'deploy/prometheus');
  const file = join(folder, 'prometheus.yml');
  const { intervalS } = watched;
  const local = {
    // its own address is added when it runs
    targets: { ...targets, prometheus: [] },
    alertmanager: addressOf(alertmanager),
    folder: source,
    targetsFolder: join(folder, 'targets'),
    intervalS,
    remoteWrite: storage && {
      file: readFileSync(join(source, 'remote-write.yml'), 'utf8'),
      url: `${storage.url}/api/v1/write`,
    },
  };
  writeTargets(folder, local.targets);
  writeFileSync(file, localPrometheusConfig(readFileSync(join(source, 'prometheus.yml'), 'utf8'), local));
  return {
    app: 'prometheus',
    command: 'prometheus',
    wantedPort: 9090,
    args: (address) => [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=${address}`,
      '--enable-feature=exemplar-storage',
      // an unreachable long-term storage must not delay the shutdown
      '--storage.remote.flush-deadline=2s',
      // otherwise an alert that fires before Alertmanager is found is sent again only after a minute
      ...(intervalS === undefined ? [] : [`--rules.alert.resend-delay=${intervalS}s`]),
    ],
    readyPath: '/-/ready',
  };
}

/** Starts a program on its preferred port, or on any free port if that is taken, and waits until it is ready. */
async function startProgram(fleet: Fleet, program: Program): Promise<Monitor> {
  const { app, wantedPort } = program;
  const command = findProgram(program.command, process.env['PATH']);
  if (!command) throw new Error(`${program.command} is not on the PATH; install the Debian package ${program.command}`);
  fleet.say(`starting ${app}`);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(attempt === 1 ? wantedPort : 0);
    if (attempt === 1 && port !== wantedPort) fleet.say(`port ${wantedPort} is taken; ${app} uses another`);
    const url = `http://${host}:${port}`;
    const child = await startChild({
      app,
      name: app,
      command,
      args: program.args(`${host}:${port}`),
      env: { ...process.env, ...program.env },
      logPath: join(fleet.dataDir, `${app}.log`),
    });
    // until the program is ready, its end is reported by an error below, or a retry makes it irrelevant
    fleet.expected.add(child);
    addChild(fleet, child);
    if (await answers(fleet, child, new URL(program.readyPath, url))) {
      fleet.expected.delete(child);
      fleet.say(processLine(app, child.pid, [url]));
      return { app, url };
    }
    // retries if another process took the port between the check and the start
    if (attempt === attempts || !/address already in use/i.test(readLog(child)))
      throw diedEarly(child, await child.exited);
  }
}

/** The preferred port if it is free, otherwise any free port. */
async function freePort(wanted: number): Promise<number> {
  const check = await checkPort(host, wanted);
  if (check.state === 'free') return check.port;
  if (wanted === 0) throw new Error(`there is no free port on ${host}`);
  return freePort(0);
}

/** True when the child itself (not another server on the port) answers 200; undefined when it ends before. */
function answers(fleet: Fleet, child: Child, url: URL): Promise<true | undefined> {
  const isUp = async () => {
    if (!isListening(child.pid, Number(url.port))) return undefined;
    const limited = AbortSignal.any([fleet.signal, AbortSignal.timeout(2_000)]);
    const response = await fetch(url, { signal: limited }).catch(() => undefined);
    await response?.arrayBuffer();
    return response?.status === 200 ? true : undefined;
  };
  return poll(isUp, {
    signal: fleet.signal,
    intervalMs: 100,
    until: () => child.exit() !== undefined,
    onWait: progress(fleet, `waiting for ${child.name}`),
  });
}
