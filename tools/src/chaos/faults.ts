import { setTimeout as delay } from 'node:timers/promises';
import type { App } from '../processes/apps';
import type { BuiltFleet } from '../processes/built-fleet';
import { redisCommand } from '../processes/redis-server';
import type { Child } from '../up/children';
import { poll } from '../up/waiting';
import type { Target } from './client';
import type { Chooser } from './request-mix';

/** What may be done to a fleet of one Redis. */
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

/** What may be done to a fleet whose Redis is watched by sentinels. */
export const sentinelFaultKinds = [...faultKinds, 'fail-over'] as const;

/** What may be done to some fleet. */
export type FaultKind = (typeof sentinelFaultKinds)[number];

/** One fault of a run. */
export interface Fault {
  kind: FaultKind;
  /** Which of several processes. */
  index: number;
  /** How long a process is stopped, or stays away after a kill; 0 for a cut. */
  durationMs: number;
}

/** How long a process is stopped. */
const stopRangeMs = { from: 1_000, to: 8_000 };
/** How long one that was killed stays away, before it is started again. */
const awayRangeMs = { from: 0, to: 1_500 };

/** The faults of a run: every kind as often as the others, each round in another order. */
export function planFaults(kinds: readonly FaultKind[], rounds: number, choose: Chooser): Fault[] {
  return Array.from({ length: rounds }, () => inAnyOrder(kinds, choose))
    .flat()
    .map((kind) => ({ kind, index: choose.between(0, 1_000), durationMs: durationOf(kind, choose) }));
}

function durationOf(kind: FaultKind, choose: Chooser): number {
  if (kind.startsWith('cut-')) return 0;
  const { from, to } = kind.startsWith('stop-') ? stopRangeMs : awayRangeMs;
  return choose.between(from, to);
}

function inAnyOrder<T>(values: readonly T[], choose: Chooser): T[] {
  const left = [...values];
  return values.map(() => left.splice(choose.between(0, left.length - 1), 1)[0] as T);
}

/** A gateway that may be killed and whose connections may be cut. */
export interface BreakableTarget extends Target {
  readonly app: App;
  /** From now on it is known why connections to it break. */
  break(): void;
  /** From now on they must not. */
  heal(): void;
}

/** A gateway as clients see it, which knows when it was meddled with. */
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

/** What faults are done to. */
export interface Ground {
  fleet: BuiltFleet;
  targets: readonly BreakableTarget[];
}

/** A fault that was done. */
export interface Done {
  /**
   * When what it took away was given back (`performance.now()`): a process goes on or is started again. Where others do
   * the work meanwhile (a worker, a master), when it was taken.
   */
  endedMs: number;
  /** Resolves when every process is up again. */
  whole: Promise<void>;
}

/** Does a fault; resolves when it is over. */
export async function doFault(ground: Ground, { kind, index, durationMs }: Fault): Promise<Done> {
  const { fleet, targets } = ground;
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

async function killGateway({ children }: BuiltFleet, target: BreakableTarget, awayMs: number): Promise<Done> {
  const { app } = target;
  target.break();
  await children.kill(app.child());
  await delay(awayMs);
  const endedMs = now();
  await app.restart();
  return { endedMs, whole: app.ready().then(() => target.heal()) };
}

async function killWorker({ children }: BuiltFleet, worker: App, awayMs: number): Promise<Done> {
  const endedMs = now();
  await children.kill(worker.child());
  await delay(awayMs);
  await worker.restart();
  return { endedMs, whole: worker.ready() };
}

async function killRedis({ children, redis }: BuiltFleet, awayMs: number): Promise<Done> {
  const master = await redis.master();
  await children.kill(master.child());
  await delay(awayMs);
  const endedMs = now();
  return { endedMs, whole: master.restart() };
}

async function stop(child: Child, durationMs: number): Promise<Done> {
  child.kill('SIGSTOP');
  await delay(durationMs);
  child.kill('SIGCONT');
  return { endedMs: now(), whole: nothing };
}

/** Every client of one gateway is gone at once, as if the network between them had been cut. */
function cutClients(target: BreakableTarget): Done {
  target.break();
  for (const connection of target.connections) connection.destroy();
  target.heal();
  return { endedMs: now(), whole: nothing };
}

/** Redis closes the connections of all apps, but not those of its replicas. */
async function cutRedis({ redis }: BuiltFleet): Promise<Done> {
  const { port } = await redis.master();
  for (const type of ['normal', 'pubsub']) await redisCommand(port, ['CLIENT', 'KILL', 'TYPE', type]);
  return { endedMs: now(), whole: nothing };
}

/** The master is killed and comes back, as a replica of the other, after the sentinels have chosen that. */
async function failOver({ children, redis }: BuiltFleet, awayMs: number): Promise<Done> {
  const master = await redis.master();
  const endedMs = now();
  await children.kill(master.child());
  const { signal } = new AbortController();
  await poll(async () => (await redis.master()) !== master, { signal, until: () => now() - endedMs > 30_000 });
  await delay(awayMs);
  return { endedMs, whole: master.restart() };
}
