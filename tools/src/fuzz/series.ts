import { type MetricDefinition, catalogue, otherLabel } from '@rerank-fleet/metrics';

/** Allowed label values of a gateway's metrics. */
export interface SeriesRules {
  /** The series of a gateway before its first request. The series of its routes exist from the start. */
  fresh: readonly string[];
  /** Every described status, and statuses that occur only in metrics. */
  statuses: readonly number[];
  /** The served models. */
  models: readonly string[];
}

/** Limit for the number of series, and the series that are not allowed. */
export interface SeriesJudgement {
  limit: number;
  faults: string[];
}

/** Series of Node.js, which adds one per kind of resource and garbage collection when it first occurs. */
const nodeMargin = 40;
/** Further codes: a preflight, an unchanged page, a redirected page, a caller that disconnected. */
const everywhere = ['204', '304', '308', '499'];
/** Codes for a method that an endpoint does not support. */
const unanswered = ['204', '401', '403', '405', '499'];
const exporters: readonly MetricDefinition['app'][] = ['gateway', 'gateway and worker', 'every'];

interface Series {
  name: string;
  labels: Readonly<Record<string, string>>;
}

/**
 * Compares the series of a metrics page with the catalogue. Each label must have a declared value: a value of the
 * closed set in the catalogue; for a route, its own method or `other` with a declared status; or a served model. The
 * limit is the number of all such combinations, so it does not depend on the number of requests.
 */
export function judgeSeries(keys: readonly string[], rules: SeriesRules): SeriesJudgement {
  const fresh = rules.fresh.map(readSeries);
  const declared: DeclaredSeries = { rules, fresh, routes: routesOf(fresh, rules.statuses.map(String)) };
  const ofNode = fresh.filter((series) => definitionOf(series) === undefined).length + nodeMargin;
  const counts = catalogue
    .filter(({ app }) => exporters.includes(app))
    .map((definition) => countOf(definition, declared));
  const limit = counts.reduce((sum, count) => sum + count, ofNode);
  const faults = new Set(keys.map(readSeries).flatMap((series) => faultOf(series, declared) ?? []));
  if (keys.length > limit) faults.add(`${keys.length} series, of ${limit} that are declared`);
  return { limit, faults: [...faults] };
}

function readSeries(key: string): Series {
  const name = /^[^{]*/.exec(key)?.[0] ?? '';
  const pairs = [...key.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', value = '']) => [label, value]);
  return { name, labels: Object.fromEntries(pairs) as Record<string, string> };
}

const byName = new Map(catalogue.map((definition) => [definition.name, definition]));

/** A histogram has three series names. */
function definitionOf({ name }: Series): MetricDefinition | undefined {
  return byName.get(name) ?? byName.get(name.replace(/_(bucket|sum|count)$/, ''));
}

interface DeclaredSeries {
  rules: SeriesRules;
  fresh: readonly Series[];
  /** Allowed codes per `METHOD endpoint`. */
  routes: ReadonlyMap<string, ReadonlySet<string>>;
}

function routesOf(fresh: readonly Series[], statuses: readonly string[]): DeclaredSeries['routes'] {
  const routes = new Map<string, Set<string>>();
  const add = (method: string, endpoint: string, codes: readonly string[]) => {
    const pair = `${method} ${endpoint}`;
    routes.set(pair, new Set([...(routes.get(pair) ?? []), ...codes]));
  };
  for (const { labels } of fresh) {
    const { method, endpoint, code } = labels;
    if (method === undefined || endpoint === undefined || code === undefined) continue;
    const isRoute = endpoint !== otherLabel;
    const codes = isRoute ? [code, ...everywhere] : statuses;
    add(method, endpoint, codes);
    if (method === 'GET') add('HEAD', endpoint, codes);
    add(otherLabel, endpoint, isRoute ? unanswered : statuses);
  }
  return routes;
}

/** Allowed values per label, for labels that do not depend on others. */
function valuesOf(definition: MetricDefinition, label: string, { rules, fresh }: DeclaredSeries): readonly string[] {
  const closed = definition.labels[label]?.values;
  if (closed !== undefined) return closed;
  if (label === 'model') return [...rules.models, otherLabel];
  return [...new Set(fresh.flatMap(({ labels }) => labels[label] ?? []))];
}

function countOf(definition: MetricDefinition, declared: DeclaredSeries): number {
  const { type, labels } = definition;
  const routed = [...declared.routes.values()].reduce((sum, codes) => sum + codes.size, 0);
  const combinations =
    'code' in labels
      ? routed
      : Object.keys(labels).reduce((product, label) => product * valuesOf(definition, label, declared).length, 1);
  // the buckets, the +Inf bucket, the sum and the count
  return combinations * (type === 'histogram' ? definition.buckets.length + 3 : 1);
}

function faultOf(series: Series, declared: DeclaredSeries): string | undefined {
  const definition = definitionOf(series);
  if (definition === undefined)
    return series.name.startsWith('reranker_') ? `${series.name} is not declared` : undefined;
  const { method, endpoint, code } = series.labels;
  if (code !== undefined) {
    const isKnown = declared.routes.get(`${method} ${endpoint}`)?.has(code);
    return isKnown ? undefined : `a series of ${code} for ${method} ${endpoint}`;
  }
  const wrong = Object.entries(series.labels).find(
    ([label, value]) => label !== 'le' && !valuesOf(definition, label, declared).includes(value),
  );
  return wrong && `a series of ${definition.name} whose ${wrong[0]} is ${JSON.stringify(wrong[1])}`;
}
