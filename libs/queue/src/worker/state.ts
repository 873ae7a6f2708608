import type { BundleRef, WorkerAnnouncement } from '@rerank-fleet/contract';
import type { Worker } from 'bullmq';
import type { ConnectionListener, RedisClient } from '../redis/connections';
import type { RedisHealth } from '../redis/health';
import type { FleetKeys } from '../redis/keys';
import type { RedisServer } from '../redis/server';
import type { RedisTrouble } from '../redis/trouble';
import type { Cancellations } from './cancellations';
import type { GatewayLiveness } from './gateway-liveness';

export interface WorkerQueueOptions extends ConnectionListener {
  redis: RedisServer;
  prefix: string;
  workerId: string;
  bundle: BundleRef;
  /** What to announce; asked at each heartbeat from {@link WorkerQueue.join} on. */
  announcement(): WorkerAnnouncement;
  /** BullMQ moved a job of a dead worker back to the queue. */
  onStalled(): void;
  /** Redis can no longer be worked with, or again (undefined); told once per change. Until told it is away. */
  onTrouble?(trouble: RedisTrouble | undefined): void;
}

/** What the parts of an open worker queue share. */
export interface WorkerState {
  options: WorkerQueueOptions;
  keys: FleetKeys;
  bull: Worker;
  /** Answers, heartbeats and lock renewals. */
  redis: RedisClient;
  health: RedisHealth;
  liveness: GatewayLiveness;
  cancellations: Cancellations;
  /** Job id -> token of the lock that we hold. */
  locks: Map<string, string>;
  /** Redis' clock minus ours. */
  clockOffsetMs: number;
  /** The last heartbeat, on Redis' clock; 0 before the first. */
  beatAtMs: number;
  /** The take under way. */
  taking: Promise<unknown>;
  /** Whether heartbeats announce the worker, so that gateways choose it. */
  announced: boolean;
  closing: boolean;
}

/** Redis' clock, ms. */
export function redisNow(state: Pick<WorkerState, 'clockOffsetMs'>): number {
  return Date.now() + state.clockOffsetMs;
}
