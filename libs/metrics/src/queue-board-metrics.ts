import type { ContainerReader } from './container-metrics';
import type { Exposition } from './exposition';
import { exposition } from './exposition';
import { gauge, toSeconds } from './instruments';
import type { QueueState } from './labels';
import { queueStates } from './labels';
import { queueBoardCatalogue } from './queue-board-catalogue';
import { createRegistry } from './registry';

/** One reading of one queue. */
export interface QueueFacts {
  /** `<name>@<version>`. */
  queue: string;
  jobs: Readonly<Record<QueueState, number>>;
  /** Age of the job that has waited longest; 0 if none waits. */
  oldestWaitingMs: number;
  /** Workers with a fresh heartbeat. */
  workers: number;
  isPaused: boolean;
  /** Estimated tokens that live gateways have admitted and not answered. */
  inFlightTokens: number;
  /** Sum of the live workers' measured speeds; 0 before any has measured one. */
  tokensPerSecond: number;
}

/** The queue board's recording methods. */
export interface QueueBoardMetrics extends Exposition {
  queueRead(facts: QueueFacts): void;
  /** Removes the series of a queue that the fleet no longer has. */
  queueGone(queue: string): void;
  /** Whether Redis answered the last reading. */
  exporterUp(isUp: boolean): void;
}

/** Creates the queue board's metrics in a separate registry. */
export function createQueueBoardMetrics(options: { container?: ContainerReader } = {}): QueueBoardMetrics {
  const registry = createRegistry(options.container);
  const jobs = gauge(registry, queueBoardCatalogue.queueJobs);
  const oldest = gauge(registry, queueBoardCatalogue.queueOldestWaiting);
  const workers = gauge(registry, queueBoardCatalogue.queueWorkers);
  const paused = gauge(registry, queueBoardCatalogue.queuePaused);
  const inFlight = gauge(registry, queueBoardCatalogue.queueInFlightTokens);
  const speed = gauge(registry, queueBoardCatalogue.queueSpeed);
  const up = gauge(registry, queueBoardCatalogue.exporterUp);
  return {
    ...exposition(registry),
    queueRead: ({ queue, ...facts }) => {
      for (const state of queueStates) jobs.set({ queue, state }, facts.jobs[state]);
      oldest.set({ queue }, toSeconds(facts.oldestWaitingMs));
      workers.set({ queue }, facts.workers);
      paused.set({ queue }, facts.isPaused ? 1 : 0);
      inFlight.set({ queue }, facts.inFlightTokens);
      speed.set({ queue }, facts.tokensPerSecond);
    },
    queueGone: (queue) => {
      for (const state of queueStates) jobs.remove({ queue, state });
      for (const each of [oldest, workers, paused, inFlight, speed]) each.remove({ queue });
    },
    exporterUp: (isUp) => up.set(isUp ? 1 : 0),
  };
}
