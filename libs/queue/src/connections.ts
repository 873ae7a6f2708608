import { Redis, type RedisOptions } from 'ioredis';

/** Reported once per change, never per command: an outage must not flood a log. */
export interface ConnectionListener {
  onError(role: string, error: Error): void;
}

const reconnect: Omit<RedisOptions, 'replyMapping'> = {
  retryStrategy: (times) => Math.min(times * 50, 500),
  connectTimeout: 2_000,
};

function open(
  url: string,
  role: string,
  { options, listener }: { options: Omit<RedisOptions, 'replyMapping'>; listener: ConnectionListener },
) {
  const redis = new Redis(url, { ...reconnect, ...options, connectionName: `rerank-${role}` });
  redis.on('error', (error: Error) => listener.onError(role, error));
  return redis;
}

/**
 * For a gateway's commands: each one fails instead of waiting for Redis to come back. The bound of 500 ms on a request is
 * the submission's own, which knows when it was this process that was busy; a command is given up well after it.
 */
export function openSubmitConnection(url: string, listener: ConnectionListener): Redis {
  const options = { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 1_000 };
  return open(url, 'submit', { options, listener });
}

/** For commands that have to get through however long an outage lasts: workers and their answers. */
export function openPatientConnection(url: string, role: string, listener: ConnectionListener): Redis {
  return open(url, role, { options: { maxRetriesPerRequest: null }, listener });
}

/** For blocking reads: patient, but a read that Redis never answers (a hang, a cut network) ends by itself. */
export function openBlockingConnection(url: string, role: string, listener: ConnectionListener): Redis {
  return open(url, role, { options: { maxRetriesPerRequest: null, blockingTimeout: 10_000 }, listener });
}

/** Waits until a connection is usable; rejects when it is not within `timeoutMs`. */
export async function whenReady(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      redis.off('ready', ready);
      reject(new Error(`no connection to Redis within ${timeoutMs} ms`));
    }, timeoutMs);
    const ready = () => {
      clearTimeout(timer);
      resolve();
    };
    redis.once('ready', ready);
  });
}
