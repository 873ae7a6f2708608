import { type MetricDefinition, catalogue, otherLabel } from '@rerank-fleet/metrics';

/** What the labels of a gateway may say. */
export interface SeriesRules {
  /** The series of a gateway that nobody has asked anything: those of its routes are there from the start. */
  fresh: readonly string[];
  /** Every status that is described, and those that are only counted. */
  statuses: readonly number[];
  /** The models that are served. */
  models: readonly string[];
}

/** How many series a page may have, and which of those that it has may not be. */
export interface SeriesJudgement {
  limit: number;
  faults: string[];
}

/** Series of Node itself, which has one for each kind of resource and collection once there was one. */
const nodeMargin = 40;
/** Beside the declared codes: a preflight, what the browser has already, the page under its other address, a caller gone. */
const everywhere = ['204', '304', '308', '499'];
/** Of a method that an endpoint does not answer. */
const unanswered = ['204', '401', '403', '405', '499'];
const exporters: readonly MetricDefinition['app'][] = ['gateway', 'gateway and worker', 'every'];

interface Series {
  name: string;
  labels: Readonly<Record<string, string>>;
}

/**
 * Holds the series of a page against the catalogue. A label has one of its declared values: those of a closed set as the
 * catalogue has them; of a route its own method or `other`, with the statuses that are declared for it; a served model.
 * The limit is the number of all such combinations: however many requests there were, there cannot be more.
 */
export function judgeSeries(keys: readonly string[], rules: SeriesRules): SeriesJudgement {
  const fresh = rules.fresh.map(readSeries);
  const ground: Ground = { rules, fresh, routes: routesOf(fresh, rules.statuses.map(String)) };
  const ofNode = fresh.filter((series) => definitionOf(series) === undefined).length + nodeMargin;
  const counts = catalogue
    .filter(({ app }) => exporters.includes(app))
    .map((definition) => countOf(definition, ground));
  const limit = counts.reduce((sum, count) => sum + count, ofNode);
  const faults = new Set(keys.map(readSeries).flatMap((series) => faultOf(series, ground) ?? []));
  if (keys.length > limit) faults.add(`${keys.length} series, of ${limit} that are declared`);
  return { limit, faults: [...faults] };
}

function readSeries(key: string): Series {
  const name = /^[^{]*/.exec(key)?.[0] ?? '';
  const pairs = [...key.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', value = '']) => [label, value]);
  return { name, labels: Object.fromEntries(pairs) as Record<string, string> };
}

const byName = new Map(catalogue.map((definition) => [definition.name, definition]));

/** A histogram has three names. */
function definitionOf({ name }: Series): MetricDefinition | undefined {
  return byName.get(name) ?? byName.get(name.replace(/_(bucket|sum|count)$/, ''));
}

interface Ground {
  rules: SeriesRules;
  fresh: readonly Series[];
  /** The codes of every `METHOD endpoint` that may be. */
  routes: ReadonlyMap<string, ReadonlySet<string>>;
}

function routesOf(fresh: readonly Series[], statuses: readonly string[]): Ground['routes'] {
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

/** Every value that a label may have, where it does not depend on another. */
function valuesOf(definition: MetricDefinition, label: string, { rules, fresh }: Ground): readonly string[] {
  const closed = definition.labels[label]?.values;
  if (closed !== undefined) return closed;
  if (label === 'model') return [...rules.models, otherLabel];
  return [...new Set(fresh.flatMap(({ labels }) => labels[label] ?? []))];
}

function countOf(definition: MetricDefinition, ground: Ground): number {
  const { type, labels } = definition;
  const routed = [...ground.routes.values()].reduce((sum, codes) => sum + codes.size, 0);
  const combinations =
    'code' in labels
      ? routed
      : Object.keys(labels).reduce((product, label) => product * valuesOf(definition, label, ground).length, 1);
  // the buckets, the one without an end, the sum and the count
  return combinations * (type === 'histogram' ? definition.buckets.length + 3 : 1);
}

function faultOf(series: Series, ground: Ground): string | undefined {
  const definition = definitionOf(series);
  if (definition === undefined)
    return series.name.startsWith('reranker_') ? `${series.name} is not declared` : undefined;
  const { method, endpoint, code } = series.labels;
  if (code !== undefined) {
    const isKnown = ground.routes.get(`${method} ${endpoint}`)?.has(code);
    return isKnown ? undefined : `a series of ${code} for ${method} ${endpoint}`;
  }
  const wrong = Object.entries(series.labels).find(
    ([label, value]) => label !== 'le' && !valuesOf(definition, label, ground).includes(value),
  );
  return wrong && `a series of ${definition.name} whose ${wrong[0]} is ${JSON.stringify(wrong[1])}`;
}
