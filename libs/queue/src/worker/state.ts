import type { BundleRef, RedisTrouble, WorkerAnnouncement } from '@rerank-fleet/contract';
import type { Worker } from 'bullmq';
import type { ConnectionListener, RedisClient } from '../redis/connections';
import type { RedisHealth } from '../redis/health';
import type { FleetKeys } from '../redis/keys';
import type { RedisServer } from '../redis/server';
import type { Cancellations } from './cancellations';
import type { GatewayLiveness } from './gateway-liveness';

export interface WorkerQueueOptions extends ConnectionListener {
  redis: RedisServer;
  prefix: string;
  workerId: string;
  bundle: BundleRef;
  /** What to announce. Called at each heartbeat after {@link WorkerQueue.join}. */
  announcement(): WorkerAnnouncement;
  /** BullMQ moved a job of a dead worker back to the queue. */
  onStalled(): void;
  /** Called once per change: why Redis cannot be used, or undefined when it works again. Until the first call: away. */
  onTrouble?(trouble: RedisTrouble | undefined): void;
}

/** What the parts of an open worker queue share. */
export interface WorkerState {
  options: WorkerQueueOptions;
  keys: FleetKeys;
  bull: Worker;
  /** For answers, heartbeats and lock renewals. */
  redis: RedisClient;
  health: RedisHealth;
  liveness: GatewayLiveness;
  cancellations: Cancellations;
  /** Job id -> token of the lock that this worker holds. */
  locks: Map<string, string>;
  /** Redis' clock minus this process's clock. */
  clockOffsetMs: number;
  /** Time of the last heartbeat on Redis' clock; 0 before the first. */
  beatAtMs: number;
  /** The announcement of the last heartbeat; undefined if there was none. */
  answeredAnnouncement: string | undefined;
  /** The take in progress. */
  taking: Promise<unknown>;
  /** Whether heartbeats announce the worker, so that gateways choose it. */
  announced: boolean;
  closing: boolean;
}

/** Redis' clock, ms. */
export function redisNow(state: Pick<WorkerState, 'clockOffsetMs'>): number {
  return Date.now() + state.clockOffsetMs;
}
