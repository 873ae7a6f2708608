import type { MetricDefinition } from './definition';
import { redisTroubles } from './labels';

/** What gateways and workers export of the Redis that they work with. */
export const redisCatalogue = {
  redisTrouble: {
    name: 'reranker_redis_trouble',
    type: 'gauge',
    help: 'Why this process cannot work with Redis: 1 at the reason, 0 at the others; all 0 while it can.',
    unit: 'flag',
    labels: {
      reason: {
        values: redisTroubles,
        meaning: 'away: Redis does not answer; otherwise the word with which it refuses',
      },
    },
    app: 'gateway and worker',
    fromArticle: false,
  },
} as const satisfies Record<string, MetricDefinition>;
