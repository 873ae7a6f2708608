import { redisTroubles, type RedisTrouble } from '@rerank-fleet/contract';
import { gauge, type MetricsRegistry } from './instruments';
import { redisCatalogue } from './redis-catalogue';

/** Registers the series of Redis. A process starts with `away` at 1. */
export function redisRecorder(registry: MetricsRegistry) {
  const metric = gauge(registry, redisCatalogue.redisTrouble);
  const redisTrouble = (trouble: RedisTrouble | undefined): void => {
    for (const reason of redisTroubles) metric.set({ reason }, reason === trouble ? 1 : 0);
  };
  redisTrouble('away');
  return { redisTrouble };
}
