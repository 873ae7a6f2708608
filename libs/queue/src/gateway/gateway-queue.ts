import type { JobOutcome, RedisTrouble } from '@rerank-fleet/contract';
import { observeLoad, type FleetLoad } from '../observer/scripts';
import { createBullQueues, type BullQueues } from '../redis/bull-queues';
import {
  openRetryingConnection,
  openSubmitConnection,
  whenReady,
  type ConnectionListener,
  type RedisClient,
} from '../redis/connections';
import { createRedisHealth, type RedisHealth } from '../redis/health';
import { fleetKeys, type FleetKeys } from '../redis/keys';
import { repeat } from '../redis/repeat';
import type { RedisServer } from '../redis/server';
import { heartbeatMs, retryMs } from '../redis/timing';
import { workersOf, type FleetView } from '../registry/fleet-view';
import { createCancelledRequests, type CancelledRequests } from './cancel';
import { createHeartbeat, type Heartbeat } from './heartbeat';
import { createInFlight, type InFlight } from './in-flight';
import { createLostPartsCheck, lostPartsCheckMs } from './lost-parts';
import { startReplyReader, type ReplyReader } from './reply-reader';
import { admit, gatewayHeartbeat, noteCancelled } from './scripts';
import { createSubmit, type Submission, type SubmitResult } from './submit';

export interface GatewayQueueOptions extends ConnectionListener {
  redis: RedisServer;
  prefix: string;
  /** Unique per process. The reply stream and the admission fields of a gateway are named after it. */
  gatewayId: string;
  onOutcome(outcome: JobOutcome): void;
  onUnreadableOutcome(): void;
  /** Called once per change: why Redis cannot be used, or undefined when it works again. Until the first call: away. */
  onTrouble?(trouble: RedisTrouble | undefined): void;
}

/** A gateway's side of the queue: admission, submission, answers, cancellation, and the registry of workers. */
export interface GatewayQueue {
  fleet(): FleetView;
  /** Reads the registry now, for a request that names a model which the last heartbeat did not show. */
  refresh(): Promise<void>;
  /** What all gateways have in flight on the given queues. Rejects within a second while Redis is away. */
  load(queues: readonly string[]): Promise<FleetLoad>;
  isUp(): boolean;
  /** Why the queue is not up; undefined while it is. */
  trouble(): RedisTrouble | undefined;
  submit(submission: Submission): Promise<SubmitResult>;
  /** Cancels a request whose caller disconnected: workers skip the rest of it. */
  cancel(requestId: string): void;
  /**
   * Marks a request whose time ran out. Workers expire it by themselves; its share is freed when its jobs have ended.
   */
  expire(requestId: string): void;
  close(): Promise<void>;
}

/** What the parts of an open gateway queue share. */
interface Shared {
  options: GatewayQueueOptions;
  redis: RedisClient;
  keys: FleetKeys;
  health: RedisHealth;
  inFlight: InFlight;
  cancelled: CancelledRequests;
  heartbeat: Heartbeat;
  queues: BullQueues;
  /** Frees the part's share and passes the outcome to the caller. */
  onOutcome(outcome: JobOutcome): void;
}

/** Opens the connections. Resolves while Redis is away, too: the queue is then down until Redis answers. */
export async function openGatewayQueue(options: GatewayQueueOptions): Promise<GatewayQueue> {
  const shared = share(options);
  const { redis, keys, health, inFlight, cancelled, heartbeat } = shared;
  const isUp = () => health.trouble() === undefined;
  await whenReady(redis, 2_000).catch((error: Error) => options.onError('submit', error));
  const reader = openReader(shared);
  await heartbeat.beat();
  const stopHeartbeat = repeat(heartbeat.beat, {
    delayMs: () => (isUp() ? heartbeatMs : retryMs),
    onError: (error) => options.onError('heartbeat', error),
  });
  const stopLostPartsCheck = checkLostParts(shared, reader);
  return {
    fleet: heartbeat.fleet,
    refresh: heartbeat.beat,
    load: (names) => observeLoad(redis, keys, names),
    isUp,
    trouble: health.trouble,
    submit: openSubmit(shared),
    cancel(requestId) {
      inFlight.abandon(requestId, Date.now());
      cancelled.add(requestId);
      if (isUp()) cancelled.send();
    },
    expire: (requestId) => inFlight.abandon(requestId, Date.now()),
    async close() {
      stopHeartbeat();
      stopLostPartsCheck();
      await reader.stop();
      await leave(shared);
    },
  };
}

function share(options: GatewayQueueOptions): Shared {
  const redis = openSubmitConnection(options.redis, options);
  const keys = fleetKeys(options.prefix);
  const health = createRedisHealth(redis, (trouble) => options.onTrouble?.(trouble));
  const inFlight = createInFlight();
  const cancelled = createCancelledRequests((ids) => noteCancelled(redis, keys, ids));
  const heartbeat = createHeartbeat({
    send: (totals, knownDigest) => gatewayHeartbeat(redis, keys, { gateway: options.gatewayId, totals, knownDigest }),
    inFlight,
    health,
    onAnswer: cancelled.send,
    onError: (error) => options.onError('heartbeat', error),
  });
  const queues = createBullQueues(redis, { prefix: keys.bullPrefix, streams: { events: { maxLen: 100 } } }, (error) =>
    options.onError('queue', error),
  );
  const onOutcome = (outcome: JobOutcome) => {
    inFlight.settlePart(outcome.requestId, outcome.part);
    options.onOutcome(outcome);
  };
  return { options, redis, keys, health, inFlight, cancelled, heartbeat, queues, onOutcome };
}

function openReader({ options, keys, onOutcome }: Shared): ReplyReader {
  return startReplyReader({
    redis: openRetryingConnection(options.redis, 'replies', options),
    stream: keys.replies(options.gatewayId),
    onOutcome,
    onUnreadable: options.onUnreadableOutcome,
    onError: (error) => options.onError('replies', error),
  });
}

function checkLostParts(
  { options, keys, health, heartbeat, queues, ...shared }: Shared,
  reader: ReplyReader,
): () => void {
  const check = createLostPartsCheck({
    ...shared,
    bullPrefix: keys.bullPrefix,
    queueOf: queues.of,
    hasWorker: (queue) => workersOf(heartbeat.fleet(), queue).length > 0,
    outcomesSeenUntilMs: reader.seenUntilMs,
  });
  return repeat(async () => health.trouble() === undefined && (await check()), {
    delayMs: () => lostPartsCheckMs,
    onError: (error) => options.onError('sweep', error),
  });
}

function openSubmit({ options, redis, keys, inFlight, health, cancelled, heartbeat, queues }: Shared) {
  const { gatewayId } = options;
  return createSubmit({
    gatewayId,
    admit: (request) => admit(redis, keys, { ...request, gateway: gatewayId }),
    // most requests are one job, which needs no transaction
    async addJobs(name, [first, ...others]) {
      if (first && others.length === 0) await queues.of(name).add(first.name, first.data, first.opts);
      else if (first) await queues.of(name).addBulk([first, ...others]);
    },
    inFlight,
    health,
    onGivenUp(requestId) {
      cancelled.add(requestId);
      void heartbeat.beat();
    },
    onError: (error) => options.onError('submit', error),
  });
}

/** Deletes the heartbeat, so that workers need not wait until it expires. */
async function leave({ options, redis, keys, health, heartbeat, queues }: Shared): Promise<void> {
  await queues.close();
  if (health.trouble() === undefined) {
    // an interrupted heartbeat would be reported as a fault
    await heartbeat.settled();
    await redis.hdel(keys.gateways, options.gatewayId).catch(() => undefined);
  }
  redis.disconnect();
}
