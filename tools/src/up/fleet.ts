import { join } from 'node:path';
import { type Child, readLog, startChild } from './children';
import type { UpConfig } from './config';
import { type Exit, deathLines, processLine } from './lines';
import { type Addresses, findAddresses } from './listening';
import { checkPort } from './ports';
import { isReachable, placeOf, startRedis } from './redis';
import { type Service, planProbe, planServices } from './services';
import { type Clock, type Stage, stopInOrder } from './shutdown';
import { Interrupted, poll } from './waiting';

/** A child that is up, with the addresses that it reported. */
export interface Member extends Addresses {
  name: string;
  app: string;
}

/** Everything that one up.sh has started. */
export interface Fleet {
  root: string;
  config: UpConfig;
  dataDir: string;
  /** Prints one line. */
  say: (line: string) => void;
  /** Aborted when the launcher is told to stop, or when the start has failed. */
  signal: AbortSignal;
  /** Ends every wait of a start that has failed. */
  abortStart: () => void;
  children: Child[];
  /** The children whose end is awaited, so that it is not reported as a death. */
  expected: Set<Child>;
  /** Set once the fleet is ready: from then on a death is reported, and no longer ends everything. */
  ready: boolean;
}

/** How long a worker may take to load and warm up its model. */
const readyLimitMs = 900_000;
const progressMs = 5_000;

/** Adds a child, so that it will be stopped, and reports its death if it comes unasked. */
export function addChild(fleet: Fleet, child: Child): void {
  fleet.children.push(child);
  void child.exited.then((exit) => {
    if (fleet.ready && !fleet.expected.has(child)) {
      for (const line of deathLines(child, exit, readLog(child))) fleet.say(line);
      fleet.say(`the fleet goes on without ${child.name}`);
    }
  });
}

/** The error for a child that ended before the fleet was ready. */
export function diedEarly(child: Child, exit: Exit): Error {
  return new Error(deathLines(child, exit, readLog(child)).join('\n'));
}

/** The Redis to use: the given one if it can be reached, else a private one. */
async function provideRedis(fleet: Fleet): Promise<string> {
  const { redis } = fleet.config;
  if (redis !== undefined) {
    const place = placeOf(redis);
    if (!(await isReachable(redis.addresses))) throw new Error(`nothing answers at the Redis of REDIS_URL${place}`);
    fleet.say(`using the Redis of REDIS_URL${place}`);
    return redis.url.reveal();
  }
  fleet.say('starting redis');
  const onStarted = (child: Child) => addChild(fleet, child);
  const { child, url } = await startRedis(fleet.dataDir, { onStarted, signal: fleet.signal });
  fleet.say(processLine('redis', child.pid, [url]));
  return url;
}

/** The port to ask for: the wanted one, or 0 (any) if that is not to be had, which is said. */
async function choosePort({ config, say }: Fleet, wanted: number): Promise<number> {
  const check = await checkPort(config.host, wanted);
  if (check.state === 'free') return wanted;
  if (check.state === 'bad-host') throw new Error(`HOST ${config.host} cannot be listened on: ${check.reason}`);
  say(`port ${wanted} is ${check.state}; taking another`);
  return 0;
}

/** Starts an app and waits for its addresses. Throws, with the end of its log, when it ends before that. */
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

/** Says every few seconds that a wait goes on. */
export function progress({ say }: Pick<Fleet, 'say'>, what: string): (waitedMs: number) => void {
  let nextMs = progressMs;
  return (waitedMs) => {
    if (waitedMs < nextMs) return;
    nextMs += progressMs;
    say(`  ${what} (${Math.round(waitedMs / 1000)} s)`);
  };
}

/** An app with a wanted port; once more on any free one if someone took it between the check and its start. */
async function startOnPort(fleet: Fleet, service: Service): Promise<Member> {
  const before = fleet.children.length;
  try {
    return await startService(fleet, service);
  } catch (error) {
    const failed = fleet.children.slice(before).find((child) => child.name === service.name);
    const portTaken = failed?.exit() !== undefined && readLog(failed).includes('EADDRINUSE');
    if (service.env['PORT'] === '0' || !portTaken) throw error;
    fleet.expected.add(failed);
    fleet.say(`port ${service.env['PORT']} was taken meanwhile; taking another`);
    return startService(fleet, { ...service, env: { ...service.env, PORT: '0' } });
  }
}

/** Whether a child answers 200 on its `/ready`. */
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

/** Waits until a member is ready; throws when any child ends before that or it takes too long. */
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
 * Starts Redis (unless one is given), the workers, the gateway and the queue board, and waits until all are ready. Throws when
 * one cannot be started or ends before that; what runs by then is in `fleet.children` all the same.
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
  // last, and without waiting for its readiness: it has work only once all others are ready
  if (config.probe && gatewayUrl !== undefined) {
    members.push(await startService(fleet, planProbe(root, { gatewayUrl, apiKey: config.apiKey })));
  }
  if (fleet.signal.aborted) throw new Interrupted();
  fleet.ready = true;
  return { members, redisUrl };
}

/** Starts all at once, but for the gateway: it links to the queue board, whose address is known only once it listens. */
function startAll(fleet: Fleet, services: readonly Service[]): Promise<Member>[] {
  const boards = services.filter(({ app }) => app === 'queue-board').map((each) => startOnPort(fleet, each));
  const others = services.flatMap((each) => {
    if (each.app === 'queue-board') return [];
    if (each.app === 'worker') return startService(fleet, each);
    return Promise.all(boards).then(([board]) => startOnPort(fleet, linkedTo(each, board?.url)));
  });
  return [...others, ...boards];
}

/** The gateway with the address of the queue board, unless the environment has another. */
function linkedTo(gateway: Service, boardUrl: string | undefined): Service {
  const url = process.env['QUEUE_BOARD_URL'] ?? boardUrl;
  return url === undefined ? gateway : { ...gateway, env: { ...gateway.env, QUEUE_BOARD_URL: url } };
}

/**
 * `Promise.all` that on the first error ends the waits of the others and lets them settle, so that nothing is started
 * behind the back of the shutdown that follows.
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
 * When those still alive are killed, ms after the shutdown began. A gateway and a worker that use all of their drain
 * limit end by themselves before that, and everything is over within 13 s.
 */
const killAtMs = { edge: 6_200, worker: 12_400, last: 12_900 };
type Stop = keyof typeof killAtMs;

/** What others write to while they end: workers their outcomes, Prometheus its samples. */
const lastToStop: readonly string[] = ['redis', 'victoria-metrics'];

/** The machine's own time. */
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

/** The order in which a fleet stops, whoever looks at it first: nobody loses what he still needs to drain. */
export function stages(children: Child[]): Stage<Child>[] {
  const stageOf = ({ app }: Child): Stop => (app === 'worker' ? 'worker' : lastToStop.includes(app) ? 'last' : 'edge');
  return (['edge', 'worker', 'last'] as const).map((stage) => ({
    processes: children.filter((child) => stageOf(child) === stage && child.exit() === undefined),
    killAtMs: killAtMs[stage],
  }));
}

/** Ends everything that was started; returns the names of those that had to be killed. */
export async function stopFleet(fleet: Fleet): Promise<string[]> {
  for (const child of fleet.children) fleet.expected.add(child);
  return stopInOrder(stages(fleet.children), realClock);
}
