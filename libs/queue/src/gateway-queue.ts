import type { JobOutcome, RerankJob } from '@rerank-fleet/contract';
import { Queue } from 'bullmq';
import { emptyFleet, readFleet, workersOf, type FleetView } from './fleet-view';
import { createInFlight, type Cost, type InFlight } from './in-flight';
import { fleetKeys, jobId, type FleetKeys } from './keys';
import { createLostPartsCheck, lostPartsCheckMs } from './lost-parts';
import { observeLoad, type FleetLoad } from './observer-scripts';
import {
  openPatientConnection,
  openSubmitConnection,
  whenReady,
  type ConnectionListener,
  type RedisClient,
} from './redis/connections';
import { createRedisHealth, type RedisHealth } from './redis/health';
import { repeat } from './redis/repeat';
import type { RedisServer } from './redis/server';
import type { RedisTrouble } from './redis/trouble';
import { startReplyReader, type ReplyReader } from './reply-reader';
import { admit, gatewayHeartbeat, noteCancelled } from './scripts';
import { heartbeatMs, retryMs } from './timing';

/** One bound over admission and add together: past it the caller is told that Redis is away, all in all within 500 ms. */
const submitLimitMs = 450;
/** A submission whose time ran out while this process itself was too busy to read answers gets as long again, so often. */
const busyExtensions = 4;

export type JobPart = Omit<RerankJob, 'queuedAtMs' | 'deadlineMs' | 'gateway' | 'estimatedTokens'> & { cost: Cost };

export interface Submission {
  requestId: string;
  /** `<name>@<version>`. */
  queue: string;
  parts: JobPart[];
  /** The most that the whole fleet may have in flight on this queue, and bytes on all queues. */
  limit: Cost;
  waitMs: number;
}

export type SubmitResult =
  { ok: true } | { ok: false; reason: 'queue_full'; inFlight: Cost } | { ok: false; reason: 'redis_away' };

export interface GatewayQueueOptions extends ConnectionListener {
  redis: RedisServer;
  prefix: string;
  /** New with each process: its stream and its share of the admission are its own. */
  gatewayId: string;
  onOutcome(outcome: JobOutcome): void;
  onUnreadableOutcome(): void;
  /** Redis can no longer be worked with, or again (undefined); told once per change. Until told it is away. */
  onTrouble?(trouble: RedisTrouble | undefined): void;
}

/** A gateway's side of the queue: admission, submission, answers, cancellation, and the registry of workers. */
export interface GatewayQueue {
  fleet(): FleetView;
  /** Asks the registry now, for a caller who names what the last heartbeat did not show. */
  refresh(): Promise<void>;
  /** What all gateways have in flight on the given queues. Rejects within half a second while Redis is away. */
  load(queues: readonly string[]): Promise<FleetLoad>;
  isUp(): boolean;
  /** Why the queue is not up; undefined while it is. */
  trouble(): RedisTrouble | undefined;
  submit(submission: Submission): Promise<SubmitResult>;
  /** The caller went away or its time ran out: workers skip what is left of the request. */
  cancel(requestId: string): void;
  /** Its time ran out: workers expire it by themselves, and its share is freed when they have, or it is gone. */
  expire(requestId: string): void;
  close(): Promise<void>;
}

interface State {
  redis: RedisClient;
  health: RedisHealth;
  keys: FleetKeys;
  options: GatewayQueueOptions;
  queues: Map<string, Queue>;
  inFlight: InFlight;
  fleet: FleetView;
  /** Admissions that Redis has not answered. */
  admitting: number;
  /** Cancelled requests that Redis does not know of yet. */
  toCancel: Set<string>;
  /** A heartbeat under way, which further callers share. */
  beating: Promise<void> | undefined;
}

/** Opens the connections; while Redis is not there the queue is not up, and comes up by itself. */
export async function openGatewayQueue(options: GatewayQueueOptions): Promise<GatewayQueue> {
  const state = createState(options);
  const readerRedis = openPatientConnection(options.redis, 'replies', options);
  await whenReady(state.redis, 2_000).catch((error: Error) => options.onError('submit', error));
  const onOutcome = (outcome: JobOutcome) => {
    state.inFlight.settlePart(outcome.requestId, outcome.part);
    options.onOutcome(outcome);
  };
  const reader = startReplyReader({
    redis: readerRedis,
    stream: state.keys.replies(options.gatewayId),
    onOutcome,
    onUnreadable: options.onUnreadableOutcome,
    onError: (error) => options.onError('replies', error),
  });
  await beat(state);
  const stopHeartbeat = repeat(() => beat(state), {
    delayMs: () => (isUp(state) ? heartbeatMs : retryMs),
    onError: (error) => options.onError('heartbeat', error),
  });
  const stopLostPartsCheck = repeat(lostPartsCheck(state, { reader, onOutcome }), {
    delayMs: () => lostPartsCheckMs,
    onError: (error) => options.onError('sweep', error),
  });

  return {
    fleet: () => state.fleet,
    refresh: () => beat(state),
    load: (queues) => observeLoad(state.redis, state.keys, queues),
    isUp: () => isUp(state),
    trouble: () => state.health.trouble(),
    submit: (submission) => submit(state, submission),
    cancel: (requestId) => cancel(state, requestId),
    expire: (requestId) => state.inFlight.abandon(requestId, Date.now()),
    async close() {
      stopHeartbeat();
      stopLostPartsCheck();
      await reader.stop();
      await leave(state);
    },
  };
}

function createState(options: GatewayQueueOptions): State {
  const redis = openSubmitConnection(options.redis, options);
  return {
    redis,
    health: createRedisHealth(redis, (trouble) => options.onTrouble?.(trouble)),
    keys: fleetKeys(options.prefix),
    options,
    queues: new Map(),
    inFlight: createInFlight(),
    fleet: emptyFleet,
    admitting: 0,
    toCancel: new Set(),
    beating: undefined,
  };
}

/** Workers need not wait for a gateway that is gone on purpose. */
async function leave(state: State): Promise<void> {
  const { redis, keys, options, queues } = state;
  await Promise.all([...queues.values()].map((queue) => queue.close().catch(() => undefined)));
  if (isUp(state)) {
    // one that is cut off would be reported as a fault
    await state.beating;
    await redis.hdel(keys.gateways, options.gatewayId).catch(() => undefined);
  }
  redis.disconnect();
}

function isUp({ health }: State): boolean {
  return health.trouble() === undefined;
}

function lostPartsCheck(
  state: State,
  { reader, onOutcome }: { reader: ReplyReader; onOutcome: (outcome: JobOutcome) => void },
): () => Promise<void> {
  const check = createLostPartsCheck({
    redis: state.redis,
    inFlight: state.inFlight,
    bullPrefix: state.keys.bullPrefix,
    queueOf: (name) => queueOf(state, name),
    hasWorker: (queue) => workersOf(state.fleet, queue).length > 0,
    outcomesSeenUntilMs: reader.seenUntilMs,
    onOutcome,
  });
  return async () => {
    if (isUp(state)) await check();
  };
}

/** One heartbeat: own totals out, the fleet in, and what could not be said while Redis was away. */
function beat(state: State): Promise<void> {
  state.beating ??= beatOnce(state).finally(() => (state.beating = undefined));
  return state.beating;
}

async function beatOnce(state: State): Promise<void> {
  const { redis, keys, options, inFlight } = state;
  try {
    const tokens = new Map(inFlight.tokensByQueue());
    const totals = state.admitting === 0 ? { bytes: inFlight.bytes(), tokens } : undefined;
    if (totals) inFlight.clearReleased();
    const { workers, bundles } = await gatewayHeartbeat(redis, keys, { gateway: options.gatewayId, totals });
    if (totals) inFlight.forgetIdle(totals.tokens);
    state.fleet = readFleet(workers, bundles);
    state.health.worked();
    noteCancellations(state);
  } catch (error) {
    state.health.failed(error as Error);
    options.onError('heartbeat', error as Error);
  }
}

function queueOf(state: State, name: string): Queue {
  const known = state.queues.get(name);
  if (known) return known;
  const queue = new Queue(name, {
    connection: state.redis,
    prefix: state.keys.bullPrefix,
    streams: { events: { maxLen: 100 } },
  });
  queue.on('error', (error) => state.options.onError('queue', error));
  state.queues.set(name, queue);
  // BullMQ asks for Redis' version once, and a queue whose question failed stays useless: the next submission makes another
  queue.waitUntilReady().catch(() => state.queues.delete(name));
  return queue;
}

async function submit(state: State, submission: Submission): Promise<SubmitResult> {
  if (!isUp(state)) return { ok: false, reason: 'redis_away' };
  const limit = startLimit(submitLimitMs);
  const tried = admitAndAdd(state, submission, limit.isOver).catch((error: Error): SubmitResult => {
    state.options.onError('submit', error);
    state.health.failed(error);
    return { ok: false, reason: 'redis_away' };
  });
  const late = limit.over.then((): SubmitResult => {
    state.options.onError('submit', new Error('no answer within the limit of a submission'));
    state.health.failed();
    return { ok: false, reason: 'redis_away' };
  });
  const result = await Promise.race([tried, late]);
  limit.stop();
  if (!result.ok && result.reason === 'redis_away') {
    // what was sent may still run when Redis wakes: it must not stay in our total, nor be scored for nobody
    state.inFlight.release(submission.requestId);
    state.toCancel.add(submission.requestId);
    void beat(state);
  }
  return result;
}

interface Limit {
  over: Promise<void>;
  isOver(): boolean;
  stop(): void;
}

/** A time limit that does not hold Redis to account for time in which this process could not read its answers. */
function startLimit(limitMs: number): Limit {
  let over = false;
  let extensions = busyExtensions;
  let timer: NodeJS.Timeout;
  const promise = new Promise<void>((resolve) => {
    const arm = () => {
      const armedAt = performance.now();
      timer = setTimeout(() => {
        const wasBusy = performance.now() - armedAt > limitMs * 1.2;
        if (wasBusy && extensions-- > 0) return arm();
        over = true;
        resolve();
      }, limitMs);
    };
    arm();
  });
  return { over: promise, isOver: () => over, stop: () => clearTimeout(timer) };
}

async function admitAndAdd(state: State, submission: Submission, isLate: () => boolean): Promise<SubmitResult> {
  const { requestId, queue: name, parts, limit, waitMs } = submission;
  const { redis, keys, options, inFlight } = state;
  const cost = { tokens: total(parts, 'tokens'), bytes: total(parts, 'bytes') };
  const released = inFlight.takeReleased(name);
  state.admitting++;
  const admission = await admit(redis, keys, {
    gateway: options.gatewayId,
    queue: name,
    released,
    cost,
    limit,
  }).finally(() => state.admitting--);
  if (!admission.admitted) return { ok: false, reason: 'queue_full', inFlight: admission.inFlight };
  // late: the caller was told that Redis is away; what this call added to our total goes with the next heartbeat
  if (isLate()) return { ok: false, reason: 'redis_away' };
  inFlight.reserve(requestId, { queue: name, parts: parts.map((part) => part.cost), now: Date.now() });
  const deadlineMs = admission.nowMs + waitMs;
  const jobs = parts.map((part) =>
    addArguments(part, { queuedAtMs: admission.nowMs, deadlineMs, gateway: options.gatewayId }),
  );
  const queue = queueOf(state, name);
  const [only, ...others] = jobs;
  // most requests are one job, which needs no transaction
  if (only && others.length === 0) await queue.add(only.name, only.data, only.opts);
  else await queue.addBulk(jobs);
  return { ok: true };
}

function addArguments({ cost, ...part }: JobPart, stamp: Pick<RerankJob, 'queuedAtMs' | 'deadlineMs' | 'gateway'>) {
  const data: RerankJob = { ...part, ...stamp, estimatedTokens: cost.tokens };
  const opts = {
    jobId: jobId(part.requestId, part.part),
    // on Redis' clock, as everything that a job's age is compared with
    timestamp: stamp.queuedAtMs,
    // BullMQ runs jobs without a priority before all others, so every job has one
    priority: part.priority + 1,
    removeOnComplete: true,
    attempts: 1,
  };
  return { name: 'rerank', data, opts };
}

function total(parts: readonly JobPart[], what: keyof Cost): number {
  return parts.reduce((sum, part) => sum + part.cost[what], 0);
}

function cancel(state: State, requestId: string): void {
  state.inFlight.abandon(requestId, Date.now());
  state.toCancel.add(requestId);
  if (isUp(state)) noteCancellations(state);
}

/** Workers read them with their next heartbeat. What Redis did not take goes out with ours. */
function noteCancellations({ redis, keys, toCancel }: State): void {
  const ids = [...toCancel];
  if (ids.length === 0) return;
  toCancel.clear();
  noteCancelled(redis, keys, ids).catch(() => ids.forEach((id) => toCancel.add(id)));
}
