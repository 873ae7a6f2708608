import { Registry, collectDefaultMetrics } from 'prom-client';
import type { ContainerReader } from './container-metrics';
import { containerMetrics } from './container-metrics';
import { eventLoopMetrics } from './event-loop-metrics';
import type { MetricsRegistry } from './instruments';

/** prom-client always measures the lag, with a timer. With this interval the timer never wakes an idle process. */
const neverMs = 2 ** 40;

/**
 * A new registry with the metrics of every application: the `nodejs_*` and `process_*` metrics, and those of the event
 * loop and the container. It does not use the global one.
 */
export function createRegistry(container: ContainerReader | undefined): MetricsRegistry {
  const registry: MetricsRegistry = new Registry();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  collectDefaultMetrics({ register: registry as unknown as Registry, eventLoopMonitoringPrecision: neverMs });
  eventLoopMetrics(registry);
  containerMetrics(registry, container);
  return registry;
}
