export type { ConnectionListener } from './redis/connections';
export type { RedisAddress, RedisServer } from './redis/server';
export { describeTrouble } from './redis/trouble';
export { workersOf, type FleetView } from './registry/fleet-view';
export { openGatewayQueue, type GatewayQueue, type GatewayQueueOptions } from './gateway/gateway-queue';
export type { Cost } from './gateway/in-flight';
export type { JobPart, SubmitResult } from './gateway/submit';
export type { FleetLoad } from './observer/scripts';
export {
  openQueueObserver,
  type QueueObserver,
  type QueueObserverOptions,
  type QueueReading,
} from './observer/queue-observer';
export type { WorkerQueueOptions } from './worker/state';
export type { Take, TakenJob } from './worker/take';
export { openWorkerQueue, type WorkerQueue } from './worker/worker-queue';
