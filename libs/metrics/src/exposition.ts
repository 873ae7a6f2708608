import { Registry, type Metric, type RegistryContentType } from 'prom-client';
import type { MetricsRegistry } from './instruments';

/**
 * The forms in which metrics can be read, and the `content-type` of each. Prometheus' text is understood by every scraper;
 * only OpenMetrics has exemplars. A series has the same name and labels in both.
 */
export const expositionTypes = {
  text: Registry.PROMETHEUS_CONTENT_TYPE,
  openMetrics: Registry.OPENMETRICS_CONTENT_TYPE,
} as const satisfies Record<string, RegistryContentType>;
export type ExpositionFormat = keyof typeof expositionTypes;

/** What an ops server needs to answer `GET /metrics`. There is nothing to close: no part of it keeps a process alive. */
export interface Exposition {
  /** All series, as text unless OpenMetrics is asked for. Reads memory only, so it answers whatever Redis does. */
  render(format?: ExpositionFormat): Promise<string>;
}

/** Exposition of one registry. */
export function exposition(registry: MetricsRegistry): Exposition {
  return {
    render(format = 'text') {
      const page = new Registry<RegistryContentType>();
      page.setContentType(expositionTypes[format]);
      // to write OpenMetrics prom-client renames the counters: it gets views, so that the metrics keep their names
      for (const metric of registry.getMetricsAsArray()) page.registerMetric(Object.create(metric) as Metric);
      return page.metrics();
    },
  };
}
