import { queue } from './catalogue-labels';
import type { MetricDefinition } from './definition';
import { queueStates } from './labels';

/** The metrics of the queue board, which alone exports the backlog. Run one per fleet, or use `max by (queue)`. */
export const queueBoardCatalogue = {
  queueJobs: {
    name: 'reranker_queue_jobs',
    type: 'gauge',
    help: 'Jobs of the queue by state. prioritized: waiting for a worker (every job of a gateway has a priority). waiting: waiting without a priority. active: taken and not settled. delayed: waiting for a time. failed: kept for inspection for one hour.',
    unit: 'jobs',
    labels: { queue, state: { values: queueStates, meaning: 'state of the job' } },
    app: 'queue-board',
  },
  queueOldestWaiting: {
    name: 'reranker_queue_oldest_waiting_seconds',
    type: 'gauge',
    help: 'Age of the job that has waited longest for a worker, of any priority; 0 if none waits.',
    unit: 'seconds',
    labels: { queue },
    app: 'queue-board',
  },
  queueWorkers: {
    name: 'reranker_queue_workers',
    type: 'gauge',
    help: 'Workers of the queue with a fresh heartbeat.',
    unit: 'workers',
    labels: { queue },
    app: 'queue-board',
  },
  queuePaused: {
    name: 'reranker_queue_paused',
    type: 'gauge',
    help: '1 while the queue is paused: jobs are accepted but not run.',
    unit: 'boolean',
    labels: { queue },
    app: 'queue-board',
  },
  queueInFlightTokens: {
    name: 'reranker_queue_in_flight_tokens',
    type: 'gauge',
    help: 'Estimated tokens that live gateways have admitted and not answered. Admission compares this value with its limit.',
    unit: 'tokens',
    labels: { queue },
    app: 'queue-board',
  },
  queueSpeed: {
    name: 'reranker_queue_tokens_per_second',
    type: 'gauge',
    help: 'Sum of the tokens per second that the live workers of the queue measured. In-flight tokens divided by it are the backlog in seconds.',
    unit: 'tokens per second',
    labels: { queue },
    app: 'queue-board',
  },
  exporterUp: {
    name: 'reranker_queue_exporter_up',
    type: 'gauge',
    help: '1 if Redis answered the last reading of the queues. At 0 the other series of the queues are outdated.',
    unit: 'boolean',
    labels: {},
    app: 'queue-board',
  },
} as const satisfies Record<string, MetricDefinition>;
