import { openPatientConnection, type ConnectionListener } from './connections';
import type { FleetKeys } from './keys';

/** The requests whose callers went away, as this worker knows them. */
export interface Cancellations {
  has(requestId: string): boolean;
  close(): Promise<void>;
}

const memoryMs = 15 * 60 * 1000;
const memoryCount = 100_000;

/**
 * Listens on the cancel channel; at each (re)connection reads the set as well, so that what was cancelled while this
 * worker was away or not yet started is known too.
 */
export function watchCancellations(redisUrl: string, keys: FleetKeys, listener: ConnectionListener): Cancellations {
  const ids = new Set<string>();
  const add = (id: string) => {
    ids.add(id);
    if (ids.size > memoryCount) ids.delete(ids.values().next().value as string);
  };
  const subscriber = openPatientConnection(redisUrl, 'cancel', listener);
  const reader = openPatientConnection(redisUrl, 'cancelled', listener);
  const subscribed = subscriber
    .subscribe(keys.cancelChannel)
    .catch((error: Error) => listener.onError('cancel', error));
  subscriber.on('message', (_channel, id: string) => add(id));
  const catchUp = () =>
    void subscribed
      .then(() => reader.zrangebyscore(keys.cancelled, Date.now() - memoryMs, '+inf'))
      .then((missed) => missed.forEach(add))
      .catch((error: Error) => listener.onError('cancelled', error));
  subscriber.on('ready', catchUp);
  return {
    has: (requestId) => ids.has(requestId),
    async close() {
      subscriber.disconnect();
      reader.disconnect();
    },
  };
}
