import { catalogue } from './catalogue';
import type { MetricDefinition } from './definition';

/** One row of the metrics reference page. */
export interface MetricDescription {
  name: string;
  type: MetricDefinition['type'];
  help: string;
  unit: string;
  app: MetricDefinition['app'];
  fromArticle: boolean;
  labels: { name: string; meaning: string; values: string[] | undefined }[];
  /** Undefined unless it is a histogram. */
  buckets: { edges: number[]; reason: string } | undefined;
}

/** The catalogue as JSON-compatible data, for the generated page and for checks of dashboards and rules. */
export function describeCatalogue(): MetricDescription[] {
  return catalogue.map((definition) => ({
    name: definition.name,
    type: definition.type,
    help: definition.help,
    unit: definition.unit,
    app: definition.app,
    fromArticle: definition.fromArticle ?? false,
    labels: Object.entries(definition.labels).map(([name, label]) => ({
      name,
      meaning: label.meaning,
      values: label.values && [...label.values],
    })),
    buckets:
      definition.type === 'histogram'
        ? { edges: [...definition.buckets], reason: definition.bucketsReason }
        : undefined,
  }));
}
