import type { MetricDefinition } from './definition';

/** Metrics of every application about the event loop of its main thread. */
export const eventLoopCatalogue = {
  eventLoopActive: {
    name: 'reranker_event_loop_active_seconds_total',
    type: 'counter',
    help: 'Time in which the event loop of the main thread ran code. Its rate is the utilisation: 1 is a full thread.',
    unit: 'seconds',
    labels: {},
    app: 'every',
    fromArticle: false,
  },
} as const satisfies Record<string, MetricDefinition>;
