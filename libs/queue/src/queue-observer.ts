import { Queue } from 'bullmq';
import { readFleet, workersOf } from './fleet-view';
import { fleetKeys, type FleetKeys } from './keys';
import { observeFleet, observeQueue } from './observer-scripts';
import { openSubmitConnection, whenReady, type ConnectionListener, type RedisClient } from './redis/connections';
import type { RedisServer } from './redis/server';

export interface QueueObserverOptions extends ConnectionListener {
  redis: RedisServer;
  prefix: string;
}

/** One reading of one queue, all figures of one moment. */
export interface QueueReading {
  /** `<name>@<version>`. */
  queue: string;
  jobs: { prioritized: number; waiting: number; active: number; delayed: number; failed: number };
  /** Age of the job that has waited longest, whatever its priority; 0 when none waits. */
  oldestWaitingMs: number;
  isPaused: boolean;
  /** Workers with a fresh heartbeat. */
  workers: number;
  /** Estimated tokens that live gateways have admitted and not seen answered. */
  inFlightTokens: number;
  /** What the live workers measured, together; 0 before any has. */
  tokensPerSecond: number;
}

/** Looks at every queue of the fleet and changes nothing. */
export interface QueueObserver {
  /** Every queue that had a worker within 24 hours. Rejects within three seconds while Redis is away. */
  read(): Promise<QueueReading[]>;
  /** BullMQ's own object for a queue of the last reading, for a board; it is closed with the observer. */
  bullQueue(name: string): Queue;
  close(): Promise<void>;
}

const connectLimitMs = 900;

/** Opens a connection that fails fast: whoever looks must be able to say that Redis is away. */
export function openQueueObserver(options: QueueObserverOptions): QueueObserver {
  const redis = openSubmitConnection(options.redis, options);
  const keys = fleetKeys(options.prefix);
  const queues = new Map<string, Queue>();
  return {
    async read() {
      await whenReady(redis, connectLimitMs);
      return readQueues(redis, keys);
    },
    bullQueue(name) {
      const known = queues.get(name);
      if (known) return known;
      const queue = new Queue(name, { connection: redis, prefix: keys.bullPrefix, skipMetasUpdate: true });
      queue.on('error', (error) => options.onError('board', error));
      queues.set(name, queue);
      // one whose first question to Redis failed stays useless
      queue.waitUntilReady().catch(() => queues.delete(name));
      return queue;
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close().catch(() => undefined)));
      redis.disconnect();
    },
  };
}

async function readQueues(redis: RedisClient, keys: FleetKeys): Promise<QueueReading[]> {
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
