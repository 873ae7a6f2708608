export type { ConnectionListener } from './redis/connections';
export type { RedisAddress, RedisServer } from './redis/server';
export { describeTrouble, redisTroubles, type RedisTrouble } from './redis/trouble';
export { workersOf, type FleetView } from './fleet-view';
export {
  openGatewayQueue,
  type GatewayQueue,
  type GatewayQueueOptions,
  type JobPart,
  type SubmitResult,
} from './gateway-queue';
export type { Cost } from './in-flight';
export type { FleetLoad } from './observer-scripts';
export { openQueueObserver, type QueueObserver, type QueueObserverOptions, type QueueReading } from './queue-observer';
export { openWorkerQueue, type Take, type TakenJob, type WorkerQueue, type WorkerQueueOptions } from './worker-queue';
