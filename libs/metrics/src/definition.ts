/** One label of a metric. */
export interface LabelDefinition {
  /** All values, if the set is closed; undefined if the values are known only at run time. */
  readonly values?: readonly string[];
  /** The meaning of the value, and the source of open values. */
  readonly meaning: string;
}

interface DefinitionBase {
  /** Full name in Prometheus. Counters end in `_total`. */
  readonly name: string;
  readonly help: string;
  /** The unit of the value. */
  readonly unit: string;
  readonly labels: Readonly<Record<string, LabelDefinition>>;
  /** The application that exports it. */
  readonly app: 'gateway' | 'worker' | 'gateway and worker' | 'queue-board' | 'quality-probe' | 'every';
  /** True for metrics of the article on which this project is based: their name, meaning and buckets are fixed. */
  readonly fromArticle?: boolean;
}

/** A sum that only increases. */
export interface CounterDefinition extends DefinitionBase {
  readonly type: 'counter';
}

/** A value that increases and decreases. */
export interface GaugeDefinition extends DefinitionBase {
  readonly type: 'gauge';
}

/** A distribution over fixed buckets. */
export interface HistogramDefinition extends DefinitionBase {
  readonly type: 'histogram';
  /** Upper edges in the metric's unit, ascending. Prometheus adds `+Inf`. */
  readonly buckets: readonly number[];
  /** The reason for these edges. */
  readonly bucketsReason: string;
  /** Whether its buckets may have an exemplar with a trace. */
  readonly exemplars?: true;
}

/** A metric as data, independent of any registry. */
export type MetricDefinition = CounterDefinition | GaugeDefinition | HistogramDefinition;
