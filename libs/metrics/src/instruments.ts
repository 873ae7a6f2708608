import { Counter, Gauge, Histogram } from 'prom-client';
import type { OpenMetricsContentType, Registry } from 'prom-client';
import type { CounterDefinition, GaugeDefinition, HistogramDefinition, MetricDefinition } from './definition';

/** The registry of an application. prom-client accepts exemplars only in an OpenMetrics registry. */
export type MetricsRegistry = Registry<OpenMetricsContentType>;

/** Names of a definition's labels, so that a misspelt label does not compile. */
export type LabelNames<D extends MetricDefinition> = Extract<keyof D['labels'], string>;

/** A histogram whose buckets may refer to a trace. */
export interface TracedHistogram<D extends HistogramDefinition> {
  zero(labels: Record<LabelNames<D>, string>): void;
  /** Records a value. If there is a trace, it becomes the exemplar of the value's bucket. */
  observe(labels: Record<LabelNames<D>, string>, value: number, traceId?: string): void;
}

/** Registers the counter of a definition. `collect` runs before each scrape. */
export function counter<D extends CounterDefinition>(
  registry: MetricsRegistry,
  definition: D,
  collect?: () => void,
): Counter<LabelNames<D>> {
  return new Counter({ ...configuration(registry, definition), ...(collect && { collect }) });
}

/** Registers the gauge of a definition. `collect` runs before each scrape. */
export function gauge<D extends GaugeDefinition>(
  registry: MetricsRegistry,
  definition: D,
  collect?: () => void,
): Gauge<LabelNames<D>> {
  return new Gauge({ ...configuration(registry, definition), ...(collect && { collect }) });
}

/** Registers the histogram of a definition. */
export function histogram<D extends HistogramDefinition>(
  registry: MetricsRegistry,
  definition: D,
): Histogram<LabelNames<D>> {
  return new Histogram({ ...configuration(registry, definition), buckets: [...definition.buckets] });
}

/** A counter with fixed labels, starting at 0, for processes with one value per label. */
export function startedCounter<D extends CounterDefinition>(
  registry: MetricsRegistry,
  definition: D,
  labels: Record<LabelNames<D>, string>,
): Counter.Internal {
  const child = counter(registry, definition).labels(labels);
  child.inc(0);
  return child;
}

/** A histogram with fixed labels, starting at 0 in every bucket. */
export function startedHistogram<D extends HistogramDefinition>(
  registry: MetricsRegistry,
  definition: D,
  labels: Record<LabelNames<D>, string>,
): Histogram.Internal<LabelNames<D>> {
  const metric = histogram(registry, definition);
  metric.zero(labels);
  return metric.labels(labels);
}

/** Registers a histogram that stores the trace of an observation as an exemplar (visible only in OpenMetrics). */
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
      // the library's types allow only the metric's labels in an exemplar; OpenMetrics and the library's code allow any
      const exemplarLabels = { trace_id: traceId } as Record<string, string>;
      metric.observe({ labels, value, exemplarLabels });
    },
  };
}

/** A traced histogram with fixed labels, starting at 0 in every bucket. Values are in seconds. */
export function startedTracedHistogram<D extends HistogramDefinition & { exemplars: true }>(
  registry: MetricsRegistry,
  definition: D,
  labels: Record<LabelNames<D>, string>,
): (value: number, traceId?: string) => void {
  const metric = tracedHistogram(registry, definition);
  metric.zero(labels);
  return (value, traceId) => metric.observe(labels, value, traceId);
}

/** Converts milliseconds to seconds. A negative duration becomes 0. */
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
