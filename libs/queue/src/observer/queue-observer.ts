import type { Queue } from 'bullmq';
import { createBullQueues } from '../redis/bull-queues';
import { createFleetReader, workersOf, type FleetReader } from '../registry/fleet-view';
import { fleetKeys, type FleetKeys } from '../redis/keys';
import { observeFleet, observeQueue, type QueueCounts } from './scripts';
import { openSubmitConnection, whenReady, type ConnectionListener, type RedisClient } from '../redis/connections';
import type { RedisServer } from '../redis/server';

export interface QueueObserverOptions extends ConnectionListener {
  redis: RedisServer;
  prefix: string;
}

/** One reading of one queue. */
export interface QueueReading extends QueueCounts {
  /** `<name>@<version>`. */
  queue: string;
  /** Workers with a fresh heartbeat. */
  workers: number;
  /** Sum of the measured rates of the live workers; 0 before any worker has measured one. */
  tokensPerSecond: number;
}

/** Reads the state of every queue of the fleet. Changes nothing. */
export interface QueueObserver {
  /** Every queue that had a worker within 24 hours. Rejects within three seconds while Redis is away. */
  read(): Promise<QueueReading[]>;
  /** BullMQ's object for a queue of the last reading, for the queue board. It is closed with the observer. */
  bullQueue(name: string): Queue;
  close(): Promise<void>;
}

const connectLimitMs = 900;

/** Opens a connection that fails fast, so that the caller can report that Redis is away. */
export function openQueueObserver(options: QueueObserverOptions): QueueObserver {
  const redis = openSubmitConnection(options.redis, options);
  const keys = fleetKeys(options.prefix);
  const readFleet = createFleetReader();
  const queues = createBullQueues(redis, { prefix: keys.bullPrefix, skipMetasUpdate: true }, (error) =>
    options.onError('board', error),
  );
  return {
    async read() {
      await whenReady(redis, connectLimitMs);
      return readQueues({ redis, keys, readFleet });
    },
    bullQueue: queues.of,
    async close() {
      await queues.close();
      redis.disconnect();
    },
  };
}

async function readQueues(sources: {
  redis: RedisClient;
  keys: FleetKeys;
  readFleet: FleetReader;
}): Promise<QueueReading[]> {
  const { redis, keys, readFleet } = sources;
  const seen = await observeFleet(redis, keys);
  const fleet = readFleet(seen.workers, []);
  return Promise.all(
    seen.queues.map(async (queue) => {
      const workers = workersOf(fleet, queue);
      return {
        queue,
        ...(await observeQueue(redis, keys, queue)),
        workers: workers.length,
        tokensPerSecond: workers.reduce((sum, worker) => sum + (worker.tokensPerSecond ?? 0), 0),
      };
    }),
  );
}
