/** One label of a metric. */
export interface LabelDefinition {
  /** Every value there is, where the set is closed; left out where the values are only known at run time. */
  readonly values?: readonly string[];
  /** What the value says, and where open values come from. */
  readonly meaning: string;
}

interface DefinitionBase {
  /** Full name as Prometheus shows it; counters end in `_total`. */
  readonly name: string;
  readonly help: string;
  /** What one unit of the value is. */
  readonly unit: string;
  readonly labels: Readonly<Record<string, LabelDefinition>>;
  /** Who exports it. */
  readonly app: 'gateway' | 'worker' | 'gateway and worker' | 'queue-board' | 'quality-probe' | 'every';
  /** True for the metrics of the article this project grew from: name, meaning and bucket edges are promises. */
  readonly fromArticle: boolean;
}

/** A sum that only grows. */
export interface CounterDefinition extends DefinitionBase {
  readonly type: 'counter';
}

/** A value that goes up and down. */
export interface GaugeDefinition extends DefinitionBase {
  readonly type: 'gauge';
}

/** A distribution over fixed buckets. */
export interface HistogramDefinition extends DefinitionBase {
  readonly type: 'histogram';
  /** Upper edges in the metric's unit, ascending; `+Inf` is added by Prometheus. */
  readonly buckets: readonly number[];
  /** Why these edges and no others. */
  readonly bucketsReason: string;
  /** Its buckets may carry the trace of one observation. */
  readonly exemplars?: true;
}

/** A metric as data, before any registry exists. */
export type MetricDefinition = CounterDefinition | GaugeDefinition | HistogramDefinition;
