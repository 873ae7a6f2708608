import { join } from 'node:path';
import { type Child, readLog, startChild } from './children';
import type { UpConfig } from './config';
import { type Exit, deathLines, processLine } from './lines';
import { type Addresses, findAddresses } from './listening';
import { checkPort } from './ports';
import { isReachable, printableAddress, startRedis } from './redis';
import { type Service, planProbe, planServices } from './services';
import { type Clock, type Stage, stopInOrder } from './shutdown';
import { Interrupted, poll } from './waiting';

/** A running child with the addresses that it reported. */
export interface Member extends Addresses {
  name: string;
  app: string;
}

/** State of one run of up.sh. */
export interface Fleet {
  root: string;
  config: UpConfig;
  dataDir: string;
  /** Prints one line. */
  say: (line: string) => void;
  /** Aborts when the launcher must stop, or when the start has failed. */
  signal: AbortSignal;
  /** Aborts `signal`, which ends every wait of a failed start. */
  abortStart: () => void;
  children: Child[];
  /** Children that are expected to end: their end is not reported. */
  expected: Set<Child>;
  /** True when the fleet is ready: from then on, the end of a child is reported and does not stop the fleet. */
  ready: boolean;
}

/** A fleet without processes. Its signal also aborts with `stop`. */
export function unstartedFleet(given: Pick<Fleet, 'root' | 'config' | 'dataDir' | 'say'>, stop?: AbortSignal): Fleet {
  const failedStart = new AbortController();
  return {
    ...given,
    signal: AbortSignal.any([failedStart.signal, ...(stop ? [stop] : [])]),
    abortStart: () => failedStart.abort(),
    children: [],
    expected: new Set(),
    ready: false,
  };
}

/** Time limit for a worker to load and warm up its model. */
const readyLimitMs = 900_000;
const progressMs = 5_000;

/** Adds a child, which will be stopped with the fleet. Reports when it ends unexpectedly after the start. */
export function addChild(fleet: Fleet, child: Child): void {
  fleet.children.push(child);
  void child.exited.then((exit) => {
    if (fleet.ready && !fleet.expected.has(child)) {
      for (const line of deathLines(child, exit, readLog(child))) fleet.say(line);
      fleet.say(`the fleet continues without ${child.name}`);
    }
  });
}

/** The error for a child that ended before the fleet was ready. */
export function diedEarly(child: Child, exit: Exit): Error {
  return new Error(deathLines(child, exit, readLog(child)).join('\n'));
}

/** URL of the Redis to use: the configured Redis, or a private one that this starts. */
async function provideRedis(fleet: Fleet): Promise<string> {
  const { redis } = fleet.config;
  if (redis !== undefined) {
    const address = printableAddress(redis);
    if (!(await isReachable(redis.addresses))) throw new Error(`the Redis of REDIS_URL cannot be reached${address}`);
    fleet.say(`using the Redis of REDIS_URL${address}`);
    return redis.url.reveal();
  }
  fleet.say('starting redis');
  const onStarted = (child: Child) => addChild(fleet, child);
  const { child, url } = await startRedis(fleet.dataDir, { onStarted, signal: fleet.signal });
  fleet.say(processLine('redis', child.pid, [url]));
  return url;
}

/** The preferred port if it is free, otherwise 0 (any), with a message. */
async function choosePort({ config, say }: Fleet, wanted: number): Promise<number> {
  const check = await checkPort(config.host, wanted);
  if (check.state === 'free') return wanted;
  if (check.state === 'bad-host') throw new Error(`cannot listen on HOST ${config.host}: ${check.reason}`);
  say(`port ${wanted} is ${check.state}; using another`);
  return 0;
}

/** Starts an app and waits for its addresses. If it ends before, throws an error with the end of its log. */
async function startService(fleet: Fleet, service: Service): Promise<Member> {
  const { app, name, main } = service;
  if (fleet.signal.aborted) throw new Interrupted();
  fleet.say(`starting ${name}`);
  const child = await startChild({
    app,
    name,
    command: process.execPath,
    args: ['--enable-source-maps', main],
    env: { NODE_ENV: 'production', ...process.env, ...service.env },
    logPath: join(fleet.dataDir, `${name}.log`),
  });
  addChild(fleet, child);
  const addresses = await poll(() => findAddresses(readLog(child)), {
    signal: fleet.signal,
    until: () => child.exit() !== undefined,
    onWait: progress(fleet, `waiting for ${name} to listen`),
  });
  if (!addresses) throw diedEarly(child, await child.exited);
  fleet.say(processLine(app, child.pid, addresses.url ? [addresses.url, addresses.opsUrl] : [addresses.opsUrl]));
  return { app, name, ...addresses };
}

/** Prints a line every few seconds while a wait continues. */
export function progress({ say }: Pick<Fleet, 'say'>, what: string): (waitedMs: number) => void {
  let nextMs = progressMs;
  return (waitedMs) => {
    if (waitedMs < nextMs) return;
    nextMs += progressMs;
    say(`  ${what} (${Math.round(waitedMs / 1000)} s)`);
  };
}

/** Starts an app on its preferred port. If another process has taken the port meanwhile, retries on any free port. */
async function startOnPort(fleet: Fleet, service: Service): Promise<Member> {
  const before = fleet.children.length;
  try {
    return await startService(fleet, service);
  } catch (error) {
    const failed = fleet.children.slice(before).find((child) => child.name === service.name);
    const portTaken = failed?.exit() !== undefined && readLog(failed).includes('EADDRINUSE');
    if (service.env['PORT'] === '0' || !portTaken) throw error;
    fleet.expected.add(failed);
    fleet.say(`port ${service.env['PORT']} was taken meanwhile; using another`);
    return startService(fleet, { ...service, env: { ...service.env, PORT: '0' } });
  }
}

/** Whether `/ready` at the base URL answers 200 within 2 s. */
export async function isReady(baseUrl: string, signal: AbortSignal): Promise<boolean> {
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(2_000)]);
    const response = await fetch(`${baseUrl}/ready`, { signal: limited });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** Waits until a member is ready. Throws when any child ends before, or at the time limit. */
async function awaitReady(fleet: Fleet, { name, opsUrl }: Member): Promise<void> {
  const say = progress(fleet, `waiting for ${name} to be ready`);
  await poll(() => isReady(opsUrl, fleet.signal), {
    signal: fleet.signal,
    intervalMs: 100,
    onWait: (waitedMs) => {
      const dead = fleet.children.find((child) => child.exit() && !fleet.expected.has(child));
      if (dead) throw diedEarly(dead, dead.exit() as Exit);
      if (waitedMs > readyLimitMs) throw new Error(`${name} is not ready after ${readyLimitMs / 1000} s`);
      say(waitedMs);
    },
  });
}

/**
 * Starts Redis (unless one is configured), the workers, the gateway and the queue board, and waits until all are ready.
 * Throws when a process cannot be started or ends early. `fleet.children` then holds the processes that were started.
 */
export async function startFleet(fleet: Fleet): Promise<{ members: Member[]; redisUrl: string }> {
  const redisUrl = await provideRedis(fleet);
  const { config, root } = fleet;
  const gatewayPort = await choosePort(fleet, config.port);
  const boardPort = config.board ? await choosePort(fleet, config.board.port) : 0;
  const services = planServices(config, { root, redisUrl, gatewayPort, boardPort });
  const members = await allOrNone(fleet, startAll(fleet, services));
  await allOrNone(
    fleet,
    members.map((member) => awaitReady(fleet, member)),
  );
  const gatewayUrl = members.find(({ app }) => app === 'gateway')?.url;
  // started last and not awaited, because it needs all others to be ready
  if (config.probe && gatewayUrl !== undefined) {
    members.push(await startService(fleet, planProbe(root, { gatewayUrl, apiKey: config.apiKey })));
  }
  if (fleet.signal.aborted) throw new Interrupted();
  fleet.ready = true;
  return { members, redisUrl };
}

/** Starts the services in parallel. The gateway waits for the queue board, because it needs its address for a link. */
function startAll(fleet: Fleet, services: readonly Service[]): Promise<Member>[] {
  const boards = services.filter(({ app }) => app === 'queue-board').map((each) => startOnPort(fleet, each));
  const others = services.flatMap((each) => {
    if (each.app === 'queue-board') return [];
    if (each.app === 'worker') return startService(fleet, each);
    return Promise.all(boards).then(([board]) => startOnPort(fleet, withBoardUrl(each, board?.url)));
  });
  return [...others, ...boards];
}

/** The gateway, configured with the address of the queue board unless the environment sets another. */
function withBoardUrl(gateway: Service, boardUrl: string | undefined): Service {
  const url = process.env['QUEUE_BOARD_URL'] ?? boardUrl;
  return url === undefined ? gateway : { ...gateway, env: { ...gateway.env, QUEUE_BOARD_URL: url } };
}

/**
 * Like `Promise.all`, but on the first error aborts the start and waits until all promises have settled. Therefore no
 * process is started while the shutdown runs.
 */
async function allOrNone<T>(fleet: Fleet, promises: Promise<T>[]): Promise<T[]> {
  try {
    return await Promise.all(promises);
  } catch (error) {
    fleet.abortStart();
    await Promise.allSettled(promises);
    throw error;
  }
}

/**
 * Milliseconds after the start of the shutdown at which processes that still run are killed. Gateways and workers that
 * use all of their drain limit end before that. The shutdown takes at most 13 s.
 */
const killAtMs = { edge: 6_200, worker: 12_400, last: 12_900 };
type Stop = keyof typeof killAtMs;

/** Stores that others still write to during the shutdown: workers write outcomes, Prometheus writes samples. */
const lastToStop: readonly string[] = ['redis', 'victoria-metrics'];

/** The real time. */
export const realClock: Clock = {
  nowMs: () => performance.now(),
  sleep: (delayMs, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

/** The order in which a fleet stops: no process loses what it still needs to drain. */
export function stages(children: Child[]): Stage<Child>[] {
  const stageOf = ({ app }: Child): Stop => (app === 'worker' ? 'worker' : lastToStop.includes(app) ? 'last' : 'edge');
  return (['edge', 'worker', 'last'] as const).map((stage) => ({
    processes: children.filter((child) => stageOf(child) === stage && child.exit() === undefined),
    killAtMs: killAtMs[stage],
  }));
}

/** Stops all processes of the fleet. Returns the names of those that had to be killed. */
export async function stopFleet(fleet: Fleet): Promise<string[]> {
  for (const child of fleet.children) fleet.expected.add(child);
  return stopInOrder(stages(fleet.children), realClock);
}
