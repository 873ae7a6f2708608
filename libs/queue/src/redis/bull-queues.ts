import { Queue, type QueueOptions } from 'bullmq';
import type { RedisClient } from './connections';

/** BullMQ's queue objects by name, created on first use. */
export interface BullQueues {
  of(name: string): Queue;
  close(): Promise<void>;
}

/** @param onError called with every error of a queue */
export function createBullQueues(
  redis: RedisClient,
  options: Omit<QueueOptions, 'connection'>,
  onError: (error: Error) => void,
): BullQueues {
  const queues = new Map<string, Queue>();
  return {
    of(name) {
      const known = queues.get(name);
      if (known) return known;
      const queue = new Queue(name, { ...options, connection: redis });
      queue.on('error', onError);
      queues.set(name, queue);
      // BullMQ reads Redis' version once. A queue for which that failed stays unusable, so the next call creates
      // another
      queue.waitUntilReady().catch(() => queues.delete(name));
      return queue;
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close().catch(() => undefined)));
    },
  };
}
