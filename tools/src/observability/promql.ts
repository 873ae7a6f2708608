import { parser } from '@prometheus-io/lezer-promql';
import { describeCatalogue } from '@rerank-fleet/metrics';
import { exporterMetrics } from './exporter-metrics';

/** One selector of a query: a metric and the labels of its matchers. */
export interface Selector {
  metric: string;
  labels: string[];
}

/** Labels that Prometheus adds to the series that it scrapes, or that its functions add. */
const addedLabels = ['job', 'instance', 'le', 'quantile'];

/** Every selector in a query, in order. Throws when the query is not valid PromQL. */
export function selectorsOf(expr: string): Selector[] {
  const selectors: Selector[] = [];
  const tree = parser.parse(expr);
  tree.iterate({
    enter(node) {
      const text = expr.slice(node.from, node.to);
      if (node.type.isError) throw new Error(`not PromQL at character ${node.from}: ${expr}`);
      if (node.name === 'VectorSelector') selectors.push({ metric: '', labels: [] });
      const selector = selectors.at(-1);
      if (node.name === 'Identifier' && selector && node.node.parent?.name === 'VectorSelector') selector.metric = text;
      if (node.name === 'LabelName' && selector && isInMatcher(node.node.parent?.name)) selector.labels.push(text);
    },
  });
  return selectors;
}

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

/** Operators whose sides an alert compares or joins. */
const conditions = ['And', 'Gtr', 'Gte', 'Lss', 'Lte', 'Eql', 'Neq'];

/** The queries whose data decides whether an alert fires: the sides of its comparisons, and what must be absent. */
export function decidingQueries(expr: string): string[] {
  const within = (node: SyntaxNode): string[] => {
    const { firstChild, lastChild } = node;
    if (node.name === 'BinaryExpr' && firstChild && lastChild && conditions.some((name) => node.getChild(name)))
      return [...within(firstChild), ...within(lastChild)];
    const absent = node.getChild('FunctionIdentifier')?.getChild('Absent') && lastChild?.firstChild;
    const { from, to } = absent ?? node;
    return [expr.slice(from, to)];
  };
  const { firstChild } = parser.parse(expr).topNode;
  return firstChild ? within(firstChild) : [];
}

function isInMatcher(parent: string | undefined): boolean {
  return parent === 'UnquotedLabelMatcher' || parent === 'QuotedLabelMatcher' || parent === 'LabelMatcher';
}

/**
 * Faults of a query: metrics that no program exports, labels that a metric does not have, and bucket edges written as
 * a plain number, because Prometheus 2 and 3 format them differently.
 *
 * @param recorded names of the recording rules
 */
export function problemsOf(expr: string, recorded: ReadonlySet<string>): string[] {
  const known = labelsByMetric();
  const plainEdge = /\ble\s*=\s*"\d/.test(expr) ? [`a bucket edge is written as a plain number: ${expr}`] : [];
  return plainEdge.concat(
    selectorsOf(expr).flatMap(({ metric, labels }) => {
      if (recorded.has(metric) || exporterMetrics.has(metric)) return [];
      const own = known.get(metric);
      if (!own) return [`no program exports ${metric}: ${expr}`];
      const unknown = labels.filter((label) => !own.includes(label) && !addedLabels.includes(label));
      return unknown.map((label) => `${metric} has no label ${label}: ${expr}`);
    }),
  );
}

let catalogued: Map<string, string[]> | undefined;

/** Label names of every series in the metrics catalogue, by the name of the series in Prometheus. */
function labelsByMetric(): Map<string, string[]> {
  catalogued ??= new Map(
    describeCatalogue().flatMap(({ name, type, labels }) => {
      const names = type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name];
      return names.map((each): [string, string[]] => [each, labels.map((label) => label.name)]);
    }),
  );
  return catalogued;
}
