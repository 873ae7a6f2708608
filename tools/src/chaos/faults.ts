import { setTimeout as delay } from 'node:timers/promises';
import type { App } from '../processes/apps';
import type { BuiltFleet } from '../processes/built-fleet';
import { redisCommand } from '../processes/redis-server';
import type { Child } from '../up/children';
import { poll } from '../up/waiting';
import type { Target } from './client';
import type { Chooser } from './request-mix';

/** Faults for a fleet with one Redis. */
export const faultKinds = [
  'kill-gateway',
  'kill-worker',
  'kill-redis',
  'stop-gateway',
  'stop-worker',
  'stop-redis',
  'cut-clients',
  'cut-redis',
] as const;

/** Faults for a fleet whose Redis is monitored by Sentinels. */
export const sentinelFaultKinds = [...faultKinds, 'fail-over'] as const;

/** All kinds of faults. */
export type FaultKind = (typeof sentinelFaultKinds)[number];

/** One fault of a run. */
export interface Fault {
  kind: FaultKind;
  /** Selects one of several processes. */
  index: number;
  /** How long a process is stopped, or stays down after a kill; 0 for a cut. */
  durationMs: number;
}

/** How long a process is stopped. */
const stopRangeMs = { from: 1_000, to: 8_000 };
/** How long a killed process stays down before it is restarted. */
const downRangeMs = { from: 0, to: 1_500 };

/** The faults of a run: each round has every kind once, in random order. */
export function planFaults(kinds: readonly FaultKind[], rounds: number, choose: Chooser): Fault[] {
  return Array.from({ length: rounds }, () => shuffled(kinds, choose))
    .flat()
    .map((kind) => ({ kind, index: choose.between(0, 1_000), durationMs: durationOf(kind, choose) }));
}

function durationOf(kind: FaultKind, choose: Chooser): number {
  if (kind.startsWith('cut-')) return 0;
  const { from, to } = kind.startsWith('stop-') ? stopRangeMs : downRangeMs;
  return choose.between(from, to);
}

function shuffled<T>(values: readonly T[], choose: Chooser): T[] {
  const left = [...values];
  return values.map(() => left.splice(choose.between(0, left.length - 1), 1)[0] as T);
}

/** A gateway that faults may kill or disconnect. */
export interface BreakableTarget extends Target {
  readonly app: App;
  /** Marks the start of a fault: connections may break from now on. */
  break(): void;
  /** Marks the end of a fault: connections must not break from now on. */
  heal(): void;
}

/** A target that records when a fault affects it. */
export function breakableTarget(app: App): BreakableTarget {
  let isBroken = false;
  let brokenMs = -Infinity;
  return {
    app,
    url: app.url,
    connections: new Set(),
    wasBroken: (sinceMs) => isBroken || brokenMs >= sinceMs,
    break() {
      isBroken = true;
    },
    heal() {
      isBroken = false;
      brokenMs = performance.now();
    },
  };
}

/** The processes that faults affect. */
export interface FaultContext {
  fleet: BuiltFleet;
  targets: readonly BreakableTarget[];
}

/** A fault whose active part is over. */
export interface InjectedFault {
  /**
   * Time from which the fleet can recover (`performance.now()`): the process continues or is restarted. If others take
   * over its work (for a worker or a master), the time at which the fault began.
   */
  endedMs: number;
  /** Resolves when every process runs again. */
  recovered: Promise<void>;
}

/** Injects a fault. Resolves when its active part is over. */
export async function injectFault(context: FaultContext, { kind, index, durationMs }: Fault): Promise<InjectedFault> {
  const { fleet, targets } = context;
  const target = targets[index % targets.length] as BreakableTarget;
  const worker = fleet.workers[index % fleet.workers.length] as App;
  switch (kind) {
    case 'kill-gateway':
      return killGateway(fleet, target, durationMs);
    case 'kill-worker':
      return killWorker(fleet, worker, durationMs);
    case 'kill-redis':
      return killRedis(fleet, durationMs);
    case 'stop-gateway':
      return stop(target.app.child(), durationMs);
    case 'stop-worker':
      return stop(worker.child(), durationMs);
    case 'stop-redis':
      return stop((await fleet.redis.master()).child(), durationMs);
    case 'cut-clients':
      return cutClients(target);
    case 'cut-redis':
      return cutRedis(fleet);
    case 'fail-over':
      return failOver(fleet, durationMs);
    default:
      return kind satisfies never;
  }
}

const now = () => performance.now();
const nothing = Promise.resolve();

async function killGateway({ children }: BuiltFleet, target: BreakableTarget, downMs: number): Promise<InjectedFault> {
  const { app } = target;
  target.break();
  await children.kill(app.child());
  await delay(downMs);
  const endedMs = now();
  await app.restart();
  return { endedMs, recovered: app.ready().then(() => target.heal()) };
}

async function killWorker({ children }: BuiltFleet, worker: App, downMs: number): Promise<InjectedFault> {
  const endedMs = now();
  await children.kill(worker.child());
  await delay(downMs);
  await worker.restart();
  return { endedMs, recovered: worker.ready() };
}

async function killRedis({ children, redis }: BuiltFleet, downMs: number): Promise<InjectedFault> {
  const master = await redis.master();
  await children.kill(master.child());
  await delay(downMs);
  const endedMs = now();
  return { endedMs, recovered: master.restart() };
}

async function stop(child: Child, durationMs: number): Promise<InjectedFault> {
  child.kill('SIGSTOP');
  await delay(durationMs);
  child.kill('SIGCONT');
  return { endedMs: now(), recovered: nothing };
}

/** Closes the connections of all clients of one gateway, like a network failure. */
function cutClients(target: BreakableTarget): InjectedFault {
  target.break();
  for (const connection of target.connections) connection.destroy();
  target.heal();
  return { endedMs: now(), recovered: nothing };
}

/** Lets Redis close the connections of all apps, but not of its replicas. */
async function cutRedis({ redis }: BuiltFleet): Promise<InjectedFault> {
  const { port } = await redis.master();
  for (const type of ['normal', 'pubsub']) await redisCommand(port, ['CLIENT', 'KILL', 'TYPE', type]);
  return { endedMs: now(), recovered: nothing };
}

/** Kills the master and restarts it, as a replica, after the Sentinels have promoted the other server. */
async function failOver({ children, redis }: BuiltFleet, downMs: number): Promise<InjectedFault> {
  const master = await redis.master();
  const endedMs = now();
  await children.kill(master.child());
  await poll(async () => (await redis.master()) !== master, { until: (waitedMs) => waitedMs > 30_000 });
  await delay(downMs);
  return { endedMs, recovered: master.restart() };
}
