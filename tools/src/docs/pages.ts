import { type ErrorCode, errorCodes } from '@rerank-fleet/contract';
import { type MetricDescription, rejectedReason } from '@rerank-fleet/metrics';
import type { AppReference, Configuration, GatewayReference } from './app-reference';
import { errorMeanings } from './error-meanings';
import { code, page, table } from './markdown';
import { type ProjectGraph, projectsPage } from './project-graph';

/** The sources of the reference pages. */
export interface ReferenceSources {
  metrics: MetricDescription[];
  gateway: GatewayReference;
  /** The other apps, in the order of the page. */
  others: AppReference[];
  launcher: Configuration;
  projects: ProjectGraph;
}

/** The pages of docs/reference: file name -> content. The same sources give the same bytes. */
export function referencePages(sources: ReferenceSources): Map<string, string> {
  return new Map([
    ['metrics.md', metricsPage(sources.metrics)],
    ['errors.md', errorsPage(sources.gateway.statusOf)],
    ['configuration.md', configurationPage(sources)],
    ['projects.md', projectsPage(sources.projects)],
    ['openapi.json', `${JSON.stringify(sources.gateway.openapi, undefined, 2)}\n`],
  ]);
}

function labelText({ name, meaning, values }: MetricDescription['labels'][number]): string {
  const closed = values ? `: ${values.map(code).join(', ')}` : '';
  return `- ${code(name)}: ${meaning}${closed}`;
}

function metricBlock(metric: MetricDescription): string {
  const origin = metric.fromArticle ? ' Name, meaning and buckets are kept for existing dashboards.' : '';
  const lines = [
    `### ${metric.name}`,
    '',
    `${metric.help}${origin}`,
    '',
    `Type: ${metric.type}; unit: ${metric.unit}.`,
  ];
  if (metric.labels.length > 0) lines.push('', ...metric.labels.map(labelText));
  if (metric.buckets) lines.push('', `Buckets: ${metric.buckets.edges.join(', ')}. ${metric.buckets.reason}`);
  return lines.join('\n');
}

function metricsPage(metrics: MetricDescription[]): string {
  const apps = [...new Set(metrics.map(({ app }) => app))];
  const sections = apps.flatMap((app) => [
    `## ${app}`,
    ...metrics.filter((metric) => metric.app === app).map(metricBlock),
  ]);
  const overview = table(
    ['metric', 'type', 'app', 'labels'],
    metrics.map(({ name, type, app, labels }) => [
      code(name),
      type,
      app,
      labels.map((each) => code(each.name)).join(', '),
    ]),
  );
  return page('Metrics', ['Served at `/metrics` of each process, on its ops port.', overview, ...sections]);
}

function errorsPage(statusOf: Record<ErrorCode, number>): string {
  const rows = [...errorCodes]
    .sort((a, b) => statusOf[a] - statusOf[b])
    .map((each) => [code(each), String(statusOf[each]), code(rejectedReason(each) ?? ''), errorMeanings[each]]);
  return page('Errors', [
    'Every answer without a ranking has one of these codes. `reason` is its label in `reranker_rejected_total`.',
    table(['code', 'status', 'reason', 'meaning'], rows),
  ]);
}

function configurationTable(rows: Configuration): string {
  return table(
    ['variable', 'default', 'value', 'meaning'],
    rows.map((row) => [
      code(row.variable),
      row.required ? 'required' : code(row.default ?? ''),
      `${row.type}${row.secret ? ' (secret: never shown or logged)' : ''}`,
      row.description,
    ]),
  );
}

function configurationPage({ gateway, others, launcher }: ReferenceSources): string {
  return page('Configuration', [
    'All configuration comes from environment variables. An empty variable counts as not set.',
    ...[gateway, ...others].flatMap(({ app, configuration }) => [`## ${app}`, configurationTable(configuration)]),
    '## tools/up.sh',
    'Variables of the apps that are not listed here are handed on to them.',
    configurationTable(launcher),
  ]);
}
