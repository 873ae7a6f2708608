import { Registry, type Metric, type RegistryContentType } from 'prom-client';
import type { MetricsRegistry } from './instruments';

/**
 * The formats of metrics and their `content-type`. Every scraper reads Prometheus' text format; only OpenMetrics has
 * exemplars. A series has the same name and labels in both.
 */
export const expositionTypes = {
  text: Registry.PROMETHEUS_CONTENT_TYPE,
  openMetrics: Registry.OPENMETRICS_CONTENT_TYPE,
} as const satisfies Record<string, RegistryContentType>;
export type ExpositionFormat = keyof typeof expositionTypes;

/** What an ops server needs to answer `GET /metrics`. It needs no close and keeps no process alive. */
export interface Exposition {
  /** Renders all series, by default as text. Reads only memory, so it works while Redis is away. */
  render(format?: ExpositionFormat): Promise<string>;
}

/** Exposition of one registry. */
export function exposition(registry: MetricsRegistry): Exposition {
  return {
    render(format = 'text') {
      const page = new Registry<RegistryContentType>();
      page.setContentType(expositionTypes[format]);
      // for OpenMetrics, prom-client renames the counters; it gets copies, so that the metrics keep their names
      for (const metric of registry.getMetricsAsArray()) page.registerMetric(Object.create(metric) as Metric);
      return page.metrics();
    },
  };
}
