import type { JobOutcome } from '@rerank-fleet/contract';
import { observeLoad, type FleetLoad } from '../observer/scripts';
import { createBullQueues, type BullQueues } from '../redis/bull-queues';
import {
  openPatientConnection,
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
import type { RedisTrouble } from '../redis/trouble';
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
  /** Frees the part's share and passes its outcome on. */
  onOutcome(outcome: JobOutcome): void;
}

/** Opens the connections; while Redis is not there the queue is not up, and comes up by itself. */
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
    send: (totals) => gatewayHeartbeat(redis, keys, { gateway: options.gatewayId, totals }),
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
    redis: openPatientConnection(options.redis, 'replies', options),
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

/** Workers need not wait for a gateway that is gone on purpose. */
async function leave({ options, redis, keys, health, heartbeat, queues }: Shared): Promise<void> {
  await queues.close();
  if (health.trouble() === undefined) {
    // a heartbeat that is cut off would be reported as a fault
    await heartbeat.settled();
    await redis.hdel(keys.gateways, options.gatewayId).catch(() => undefined);
  }
  redis.disconnect();
}
