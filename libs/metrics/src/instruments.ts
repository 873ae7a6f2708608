import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { OpenMetricsContentType } from 'prom-client';
import type { CounterDefinition, GaugeDefinition, HistogramDefinition, MetricDefinition } from './definition';

/** The registry of an application. prom-client takes exemplars only into one of OpenMetrics. */
export type MetricsRegistry = Registry<OpenMetricsContentType>;

/** Names of a definition's labels, so that a call with a misspelt label does not compile. */
export type LabelNames<D extends MetricDefinition> = Extract<keyof D['labels'], string>;

/** A registry of its own with the `nodejs_*` and `process_*` metrics; touches no global one. */
export function createRegistry(): MetricsRegistry {
  const registry: MetricsRegistry = new Registry();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  collectDefaultMetrics({ register: registry as unknown as Registry });
  return registry;
}

/** A histogram whose buckets may point to a trace. */
export interface TracedHistogram<D extends HistogramDefinition> {
  zero(labels: Record<LabelNames<D>, string>): void;
  /** The trace, where there is one, becomes the exemplar of the value's bucket. */
  observe(labels: Record<LabelNames<D>, string>, value: number, traceId?: string): void;
}

/** Registers the counter that a definition describes; `collect`, if given, runs before each scrape reads it. */
export function counter<D extends CounterDefinition>(
  registry: MetricsRegistry,
  definition: D,
  collect?: () => void,
): Counter<LabelNames<D>> {
  return new Counter({ ...configuration(registry, definition), ...(collect && { collect }) });
}

/** Registers the gauge that a definition describes; `collect`, if given, runs before each scrape reads it. */
export function gauge<D extends GaugeDefinition>(
  registry: MetricsRegistry,
  definition: D,
  collect?: () => void,
): Gauge<LabelNames<D>> {
  return new Gauge({ ...configuration(registry, definition), ...(collect && { collect }) });
}

/** Registers the histogram that a definition describes. */
export function histogram<D extends HistogramDefinition>(
  registry: MetricsRegistry,
  definition: D,
): Histogram<LabelNames<D>> {
  return new Histogram({ ...configuration(registry, definition), buckets: [...definition.buckets] });
}

/** A counter with all its labels fixed, at 0: where a process has one value of each label. */
export function startedCounter<D extends CounterDefinition>(
  registry: MetricsRegistry,
  definition: D,
  labels: Record<LabelNames<D>, string>,
): Counter.Internal {
  const child = counter(registry, definition).labels(labels);
  child.inc(0);
  return child;
}

/** A histogram with all its labels fixed, at 0 in every bucket. */
export function startedHistogram<D extends HistogramDefinition>(
  registry: MetricsRegistry,
  definition: D,
  labels: Record<LabelNames<D>, string>,
): Histogram.Internal<LabelNames<D>> {
  const metric = histogram(registry, definition);
  metric.zero(labels);
  return metric.labels(labels);
}

/** Registers a histogram that takes the trace of an observation as an exemplar (only OpenMetrics shows it). */
export function tracedHistogram<D extends HistogramDefinition & { exemplars: true }>(
  registry: MetricsRegistry,
  definition: D,
): TracedHistogram<D> {
  const metric = new Histogram<LabelNames<D>>({
    ...configuration(registry, definition),
    buckets: [...definition.buckets],
    enableExemplars: true,
  });
  return {
    zero: (labels) => metric.zero(labels),
    observe: (labels, value, traceId) => {
      if (traceId === undefined) return metric.observe({ labels, value });
      // the library's types allow an exemplar only the labels of its metric; OpenMetrics, and its code, allow any
      const exemplarLabels = { trace_id: traceId } as Record<string, string>;
      metric.observe({ labels, value, exemplarLabels });
    },
  };
}

/** The same with all its labels fixed, at 0 in every bucket; takes seconds. */
export function startedTracedHistogram<D extends HistogramDefinition & { exemplars: true }>(
  registry: MetricsRegistry,
  definition: D,
  labels: Record<LabelNames<D>, string>,
): (value: number, traceId?: string) => void {
  const metric = tracedHistogram(registry, definition);
  metric.zero(labels);
  return (value, traceId) => metric.observe(labels, value, traceId);
}

/** Milliseconds as the seconds that metrics hold; a clock that went backwards reads 0. */
export function toSeconds(durationMs: number): number {
  return Math.max(0, durationMs) / 1000;
}

function configuration<D extends MetricDefinition>(registry: MetricsRegistry, definition: D) {
  return {
    name: definition.name,
    help: definition.help,
    labelNames: Object.keys(definition.labels) as LabelNames<D>[],
    registers: [registry],
  };
}
