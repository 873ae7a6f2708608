import { redisTroubles } from '@rerank-fleet/contract';
import type { MetricDefinition } from './definition';

/** The metrics of gateways and workers about their Redis. */
export const redisCatalogue = {
  redisTrouble: {
    name: 'reranker_redis_trouble',
    type: 'gauge',
    help: 'Why this process cannot use Redis: 1 for the current reason, 0 for the others; all 0 while it can.',
    unit: 'flag',
    labels: {
      reason: {
        values: redisTroubles,
        meaning: 'away: Redis does not answer; otherwise the word with which it refuses',
      },
    },
    app: 'gateway and worker',
  },
} as const satisfies Record<string, MetricDefinition>;
