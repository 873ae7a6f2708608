import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { until } from '@rerank-fleet/test-support';
import { findProgram } from './children';
import { type Checkout, type Launched, isAlive, makeCheckout, startedApps } from './testing';

let checkout: Checkout;
beforeEach(() => {
  checkout = makeCheckout();
});
afterEach(() => checkout.remove());

const allPids = (up: Launched) => startedApps.flatMap(up.pids);
const temporaryFolders = () => readdirSync(checkout.root).filter((name) => name.startsWith('rerank-fleet-'));

it('with --once starts all, prints each start, ranks both examples, stops all and removes its folder', async () => {
  const up = checkout.up(['--once'], { WORKERS: '2' });
  expect(await up.exited).toBe(0);
  const output = up.output();
  expect(output).toMatch(/^process redis \d+ redis:\/\/127\.0\.0\.1:\d+$/m);
  expect(output.match(/^process worker \d+ http:\/\/127\.0\.0\.1:\d+$/gm)).toHaveLength(2);
  expect(output).toMatch(/^process gateway \d+ http:\/\/127\.0\.0\.1:\d+ http:\/\/127\.0\.0\.1:\d+$/m);
  expect(output).toMatch(/^ready http:\/\/127\.0\.0\.1:\d+$/m);
  expect(output.match(/^1\. 1\.0000 \S/gm)).toHaveLength(2);
  expect(output).toMatch(/^2\. 0\.5000 .*\p{Script=Han}/mu);
  expect(output).toMatch(/^process queue-board \d+ http:\/\/127\.0\.0\.1:\d+ http:\/\/127\.0\.0\.1:\d+$/m);
  expect(output).toMatch(/^process quality-probe \d+ http:\/\/127\.0\.0\.1:\d+$/m);
  expect(allPids(up)).toHaveLength(6);
  expect(allPids(up).filter(isAlive)).toEqual([]);
  expect(temporaryFolders()).toEqual([]);
});

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'stays until %s, then ends gateway, workers and Redis',
  async (signal) => {
    const up = checkout.up([], { WORKERS: '2' });
    await up.line(/^Ctrl-C stops the fleet/);
    expect(allPids(up).every(isAlive)).toBe(true);
    up.process.kill(signal);
    expect(await up.exited).toBe(0);
    expect(checkout.ends().slice(0, 3).sort()).toEqual(['gateway', 'quality-probe', 'queue-board']);
    expect(checkout.ends().slice(3)).toEqual(['worker', 'worker']);
    expect(allPids(up).filter(isAlive)).toEqual([]);
  },
);

it('reports a child that dies, does not restart it and continues', async () => {
  const up = checkout.up([], { WORKERS: '2' });
  await up.line(/^Ctrl-C stops the fleet/);
  const [victim = 0, other = 0] = up.pids('worker');
  process.kill(victim, 'SIGKILL');
  expect(await up.line(/^died: /)).toMatch(new RegExp(`^died: worker-\\d \\(pid ${victim}\\) ended by SIGKILL; log: `));
  expect(isAlive(other)).toBe(true);
  up.process.kill('SIGTERM');
  expect(await up.exited).toBe(0);
  expect(up.pids('worker')).toHaveLength(2);
});

it('ends on SIGTERM when Redis is dead', async () => {
  const up = checkout.up([]);
  await up.line(/^Ctrl-C stops the fleet/);
  process.kill(up.pids('redis')[0] ?? 0, 'SIGKILL');
  await up.line(/^died: redis/);
  up.process.kill('SIGTERM');
  expect(await up.exited).toBe(0);
  expect(allPids(up).filter(isAlive)).toEqual([]);
});

it.each(['worker', 'gateway', 'queue-board', 'quality-probe'])(
  'fails with the end of its log when the %s dies before it is ready',
  async (app) => {
    const up = checkout.up([], { FAULT: `${app} dies early` });
    expect(await up.exited).toBe(1);
    expect(up.output()).toMatch(new RegExp(`^died: ${app} .* ended by exit code 3`, 'm'));
    expect(up.output()).toContain('  | no model here');
    expect(up.output()).not.toMatch(/^ready/m);
    expect(allPids(up).filter(isAlive)).toEqual([]);
  },
);

it('fails when an example gets no ranking', async () => {
  const up = checkout.up(['--once'], { FAULT: 'gateway answers 500' });
  expect(await up.exited).toBe(1);
  expect(up.output()).toContain('the example got HTTP 500');
  expect(allPids(up).filter(isAlive)).toEqual([]);
});

it('kills a child that does not end in time, reports it and exits with 1', async () => {
  const up = checkout.up([], { FAULT: 'gateway hangs' });
  await up.line(/^Ctrl-C stops the fleet/);
  up.process.kill('SIGTERM');
  expect(await up.exited).toBe(1);
  expect(up.output()).toMatch(/^killed, because .*: gateway$/m);
  expect(allPids(up).filter(isAlive)).toEqual([]);
});

it('uses another port when the preferred one is taken, and reports it', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => holder.once('listening', resolve));
  const { port } = holder.address() as AddressInfo;
  const up = checkout.up(['--once'], { PORT: String(port) });
  expect(await up.exited).toBe(0);
  expect(up.output()).toContain(`port ${port} is taken; using another`);
  expect(await up.line(/^ready /)).not.toContain(`:${port}`);
  await new Promise((resolve) => holder.close(resolve));
});

it('uses the first of API_KEYS when the gateway needs a key', async () => {
  const up = checkout.up(['--once'], { API_KEYS: 'k1,k2' });
  expect(await up.exited).toBe(0);
  expect(up.output()).not.toContain('k1');
});

it('prints the password of the queue board, and starts no board when it is disabled', async () => {
  const up = checkout.up([], { BOARD_PASSWORD: 'open sesame' });
  expect(await up.line(/^ {2}queue board /)).toContain('(password: open sesame)');
  up.process.kill('SIGTERM');
  await up.exited;
  const without = checkout.up(['--once'], { QUEUE_BOARD: 'false', QUALITY_PROBE: 'false' });
  expect(await without.exited).toBe(0);
  expect([...without.pids('queue-board'), ...without.pids('quality-probe')]).toEqual([]);
});

it("prints the address of the page, and configures the gateway's link to the queue board unless the environment sets it", async () => {
  const linkOf = async (env: Record<string, string>) => {
    const dataDir = join(checkout.root, 'data');
    const up = checkout.up([], { DATA_DIR: dataDir, ...env });
    const page = await up.line(/^ {2}playground /);
    const [, , , gatewayUrl] = (await up.line(/^process gateway /)).split(' ');
    expect(page.trim().split(/ +/)).toEqual(['playground', `${gatewayUrl}/`]);
    const board = up.output().match(/^process queue-board \d+ (\S+)/m)?.[1];
    up.process.kill('SIGTERM');
    await up.exited;
    const [last = ''] = readFileSync(join(dataDir, 'gateway.log'), 'utf8').trim().split('\n').slice(-1);
    const { board: link } = JSON.parse(last) as { board?: string };
    return { board, link };
  };
  const { board, link } = await linkOf({});
  expect([link, typeof board]).toEqual([board, 'string']);
  expect((await linkOf({ QUEUE_BOARD_URL: 'https://board.example.org' })).link).toBe('https://board.example.org');
  expect((await linkOf({ QUEUE_BOARD: 'false' })).link).toBeUndefined();
});

describe('with --observe', () => {
  const monitors = ['prometheus', 'alertmanager', 'node-exporter', 'redis-exporter'];
  const urlOf = async (up: Launched, app: string) =>
    (await up.line(new RegExp(`^process ${app} `))).split(' ')[3] ?? '';

  /** Health of every target that Prometheus has scraped, by job. */
  async function targets(prometheusUrl: string): Promise<Record<string, string[]>> {
    const answer = await fetch(`${prometheusUrl}/api/v1/targets`);
    const { data } = (await answer.json()) as {
      data: { activeTargets: { labels: { job: string }; health: string }[] };
    };
    const byJob: Record<string, string[]> = {};
    for (const { labels, health } of data.activeTargets) (byJob[labels.job] ??= []).push(health);
    return byJob;
  }

  it('starts the real monitors, which scrape every process at its actual port', async () => {
    const holder = createServer().listen(9090, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve).once('error', resolve));
    const up = checkout.up(['--observe'], { WORKERS: '2', OBSERVE_INTERVAL_S: '1' });
    const prometheusUrl = await urlOf(up, 'prometheus');
    await up.line(/^Ctrl-C stops the fleet/);
    expect(up.output()).toContain('port 9090 is taken; prometheus uses another');
    const folder = join(checkout.root, temporaryFolders()[0] ?? '', 'observe');
    for (const check of [
      ['promtool', 'check', 'config', join(folder, 'prometheus.yml')],
      ['amtool', 'check-config', join(folder, 'alertmanager.yml')],
    ]) {
      expect((await promisify(execFile)(check[0] ?? '', check.slice(1))).stdout).toContain('SUCCESS');
    }
    let seen: Record<string, string[]> = {};
    const unknown = () => Object.values(seen).flat().length < 9 || Object.values(seen).flat().includes('unknown');
    for (; unknown(); await delay(100)) seen = await targets(prometheusUrl);
    expect(seen).toEqual({
      'reranker-gateway': ['up'],
      'reranker-worker': ['up', 'up'],
      'reranker-queue-board': ['up'],
      'reranker-quality-probe': ['up'],
      node: ['up'],
      redis: ['up'],
      prometheus: ['up'],
      alertmanager: ['up'],
    });
    // a worker that dies stays a target, so that an alert can fire
    process.kill(up.pids('worker')[0] ?? 0, 'SIGKILL');
    const workers = async () => (await targets(prometheusUrl))['reranker-worker']?.sort();
    await until(async () => (await workers())?.includes('down') === true, 100);
    expect(await workers()).toEqual(['down', 'up']);
    expect(monitors.flatMap(up.pids)).toHaveLength(4);
    up.process.kill('SIGTERM');
    expect(await up.exited).toBe(0);
    expect(allPids(up).filter(isAlive)).toEqual([]);
    expect(temporaryFolders()).toEqual([]);
    await new Promise((resolve) => holder.close(resolve));
  }, 60_000);

  it('stops everything when a monitor cannot be started', async () => {
    rmSync(join(checkout.root, 'deploy/prometheus/prometheus.yml'));
    const up = checkout.up(['--observe']);
    expect(await up.exited).toBe(1);
    expect(up.output()).toContain('prometheus.yml');
    expect(allPids(up).filter(isAlive)).toEqual([]);
  });

  it('uses another port, and reports no death, when a port was taken between the check and the start', async () => {
    const real = findProgram('prometheus-node-exporter', process.env['PATH']);
    const bin = join(checkout.root, 'bin');
    mkdirSync(bin);
    const tooLate = `[ -e "$0.ran" ] || { touch "$0.ran"; echo 'listen: address already in use' >&2; exit 1; }`;
    const program = `#!/bin/sh\n${tooLate}\nexec ${real} "$@"\n`;
    writeFileSync(join(bin, 'prometheus-node-exporter'), program, { mode: 0o755 });
    const up = checkout.up(['--once', '--observe'], { PATH: `${bin}:${process.env['PATH']}` });
    expect(await up.exited).toBe(0);
    expect(up.pids('node-exporter')).toHaveLength(1);
    expect(up.output()).not.toMatch(/^died|continues without/m);
  }, 60_000);

  it('and --long-term keeps every sample in VictoriaMetrics as well', async () => {
    const up = checkout.up(['--long-term'], { OBSERVE_INTERVAL_S: '1' });
    const storageUrl = await urlOf(up, 'victoria-metrics');
    await up.line(/^Ctrl-C stops the fleet/);
    const stored = async () => {
      const query = new URLSearchParams({ query: 'up{job="node"}' });
      const { data } = (await (await fetch(`${storageUrl}/api/v1/query?${query}`)).json()) as {
        data: { result: object[] };
      };
      return data.result.length;
    };
    await until(async () => (await stored()) > 0, 100);
    expect(await stored()).toBe(1);
    // an unreachable storage with pending samples does not delay the shutdown
    const prometheusUrl = await urlOf(up, 'prometheus');
    process.kill(up.pids('victoria-metrics')[0] ?? 0, 'SIGKILL');
    const pending = /^prometheus_remote_storage_samples_pending\{.*\} [1-9]/m;
    await until(async () => pending.test(await (await fetch(`${prometheusUrl}/metrics`)).text()), 100);
    up.process.kill('SIGTERM');
    expect(await up.exited).toBe(0);
    expect(allPids(up).filter(isAlive)).toEqual([]);
  }, 60_000);
});

it('uses the Redis of REDIS_URL and starts none', async () => {
  const first = checkout.up([]);
  const redis = await first.line(/^process redis/);
  await first.line(/^Ctrl-C stops the fleet/);
  const second = checkout.up(['--once'], { REDIS_URL: redis.split(' ')[3] ?? '' });
  expect(await second.exited).toBe(0);
  expect(second.pids('redis')).toEqual([]);
  first.process.kill('SIGTERM');
  expect(await first.exited).toBe(0);
});

it('fails at once when REDIS_URL cannot be reached, without showing its password', async () => {
  const up = checkout.up([], { REDIS_URL: 'redis://:hush@127.0.0.1:1' });
  expect(await up.exited).toBe(1);
  expect(up.output()).toContain('the Redis of REDIS_URL cannot be reached (127.0.0.1:1)');
  expect(up.output()).not.toContain('hush');
});

it('keeps a given DATA_DIR with the log of each app', async () => {
  const dataDir = join(checkout.root, 'data');
  const up = checkout.up(['--once'], { DATA_DIR: dataDir });
  expect(await up.exited).toBe(0);
  for (const name of ['gateway', 'worker', 'redis']) expect(existsSync(join(dataDir, `${name}.log`))).toBe(true);
  expect(readFileSync(join(dataDir, 'worker.log'), 'utf8')).toContain('"sessions":');
  expect(existsSync(join(dataDir, 'redis/appendonlydir'))).toBe(true);
});

it('refuses unknown arguments with the usage and exit code 2', async () => {
  const up = checkout.up(['--twice']);
  expect(await up.exited).toBe(2);
  expect(up.output()).toMatch(/^unknown argument --twice\n\nusage: /);
});

it('its children end when the launcher is killed', async () => {
  const up = checkout.up([]);
  await up.line(/^Ctrl-C stops the fleet/);
  up.process.kill('SIGKILL');
  await up.exited;
  await until(() => !allPids(up).some(isAlive));
});
