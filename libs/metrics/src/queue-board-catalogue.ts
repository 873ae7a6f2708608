import { queue } from './catalogue-labels';
import type { MetricDefinition } from './definition';
import { queueStates } from './labels';

/** What the queue board exports, the one exporter of the backlog: run one of it a fleet, or read with `max by (queue)`. */
export const queueBoardCatalogue = {
  queueJobs: {
    name: 'reranker_queue_jobs',
    type: 'gauge',
    help: 'Jobs of the queue by state. prioritized: wait for a worker, as every job of ours has a priority. waiting: wait without one. active: taken and not settled. delayed: wait for a time. failed: kept for an hour for a look.',
    unit: 'jobs',
    labels: { queue, state: { values: queueStates, meaning: 'where the job is' } },
    app: 'queue-board',
    fromArticle: false,
  },
  queueOldestWaiting: {
    name: 'reranker_queue_oldest_waiting_seconds',
    type: 'gauge',
    help: 'Age of the job that has waited longest for a worker, whatever its priority; 0 when none waits.',
    unit: 'seconds',
    labels: { queue },
    app: 'queue-board',
    fromArticle: false,
  },
  queueWorkers: {
    name: 'reranker_queue_workers',
    type: 'gauge',
    help: 'Workers of the queue whose heartbeat is fresh.',
    unit: 'workers',
    labels: { queue },
    app: 'queue-board',
    fromArticle: false,
  },
  queuePaused: {
    name: 'reranker_queue_paused',
    type: 'gauge',
    help: '1 while the queue is paused: jobs are taken in and none is run.',
    unit: 'boolean',
    labels: { queue },
    app: 'queue-board',
    fromArticle: false,
  },
  queueInFlightTokens: {
    name: 'reranker_queue_in_flight_tokens',
    type: 'gauge',
    help: 'Estimated tokens that live gateways have admitted and not answered: what admission compares with its limit.',
    unit: 'tokens',
    labels: { queue },
    app: 'queue-board',
    fromArticle: false,
  },
  queueSpeed: {
    name: 'reranker_queue_tokens_per_second',
    type: 'gauge',
    help: 'Tokens a second that the live workers of the queue measured together; in-flight tokens over this is the backlog in seconds.',
    unit: 'tokens per second',
    labels: { queue },
    app: 'queue-board',
    fromArticle: false,
  },
  exporterUp: {
    name: 'reranker_queue_exporter_up',
    type: 'gauge',
    help: '1 when Redis answered the last reading of the queues; at 0 the other series of the queues are old.',
    unit: 'boolean',
    labels: {},
    app: 'queue-board',
    fromArticle: false,
  },
} as const satisfies Record<string, MetricDefinition>;
