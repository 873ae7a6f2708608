import { randomUUID } from 'node:crypto';
import type { Failure, RedisTrouble } from '@rerank-fleet/contract';
import { openGatewayQueue, type ConnectionListener, type GatewayQueue, type RedisServer } from '@rerank-fleet/queue';
import type { Tracing } from '@rerank-fleet/service-shell';
import type { ModelAliases } from '../dialects/model-name';
import type { CapacityConfig } from './capacity';
import type { Fleet } from './fleet';
import { createFleetStateReader, modelViews } from './fleet-state';
import { rank, type RankContext } from './rank';
import { createWaitingRequests } from './waiting';

export interface QueueFleetOptions extends ConnectionListener {
  redis: RedisServer;
  redisPrefix: string;
  capacity: CapacityConfig;
  modelAliases: ModelAliases;
  tracing: Tracing;
  onUnreadableOutcome(): void;
  onTrouble(trouble: RedisTrouble | undefined): void;
}

export interface QueueFleet extends Fleet {
  /** Answers all waiting requests with 503, at the end of a drain. Returns their number. */
  refuseWaiting(): number;
  close(): Promise<void>;
}

const shuttingDown: Failure = {
  code: 'no_worker',
  retryAfterS: 1,
  message: 'This gateway shut down before the request was scored. Retry the request.',
};

/** Connects to the fleet over the queue: one gateway id, one reply stream, the waiting requests. */
export async function openQueueFleet(options: QueueFleetOptions): Promise<QueueFleet> {
  const { capacity, modelAliases, tracing } = options;
  const waiting = createWaitingRequests(() => queue);
  const queue: GatewayQueue = await openGatewayQueue({
    ...options,
    prefix: options.redisPrefix,
    gatewayId: randomUUID(),
    onOutcome: waiting.add,
  });
  const context: RankContext = { queue, waiting, capacity, modelAliases, tracing };
  return {
    rank: (request, rankOptions) => rank(context, request, rankOptions),
    models: () => modelViews(queue.fleet()),
    state: createFleetStateReader(queue, capacity),
    redisTrouble: queue.trouble,
    refuseWaiting: () => waiting.refuseAll(shuttingDown),
    close: queue.close,
  };
}
