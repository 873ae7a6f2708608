import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';
import { parser } from '@prometheus-io/lezer-promql';
import { staleFiles } from '../generated';
import { problemsOf, selectorsOf } from '../promql';
import { readRules, recordedNames, runbookFolderUrl } from '../rules';
import { dashboardFiles, dashboardFolder } from '.';
import { annotationQueries, panelQueries } from './queries';

const root = join(__dirname, '../../../..');
const dashboards = [...dashboardFiles().values()].map((text) => JSON.parse(text) as Dashboard);
const byUid = dashboards.map((dashboard): [string, Dashboard] => [dashboard.uid ?? '', dashboard]);
const rules = readRules(root);
const recorded = recordedNames(rules);

const everything = ({ panels }: Dashboard): (Panel | RowPanel)[] => panels ?? [];
const isPanel = (each: Panel | RowPanel): each is Panel => each.type !== 'row';
const panelsOf = (dashboard: Dashboard): Panel[] => everything(dashboard).filter(isPanel);
const targetsOf = (panel: Panel): Dataquery[] => (panel.targets ?? []) as Dataquery[];
const named = (panels: readonly Panel[]) => panels.map(({ title }) => title);

/** Labels by which a query groups although the grouped series do not have them. */
function unknownGroupings(expr: string): string[] {
  const unknown: string[] = [];
  parser.parse(expr).iterate({
    enter({ name, node }) {
      if (name !== 'AggregateExpr') return;
      const text = expr.slice(node.from, node.to);
      // the right side of an "and" only filters; its labels are not in the result
      const metrics = selectorsOf(text.replace(/ and on \(.*?\) [^)]*/g, '')).map(({ metric }) => metric);
      const made = [...text.matchAll(/label_replace\(.*?, "(\w+)"/g)].map(([, label]) => label);
      for (const label of node.getChild('AggregateModifier')?.getChild('GroupingLabels')?.getChildren('LabelName') ??
        []) {
        const groupedBy = expr.slice(label.from, label.to);
        const has = (metric: string) => problemsOf(`${metric}{${groupedBy}=""}`, recorded).length === 0;
        if (!made.includes(groupedBy) && !metrics.every(has)) unknown.push(`${groupedBy}: ${text}`);
      }
    },
  });
  return unknown;
}

/** Counters that a query uses without a rate. The bare value depends mainly on how long a process has run. */
function bareCounters(expr: string): string[] {
  const bare: string[] = [];
  parser.parse(expr).iterate({
    enter({ name, from, to, node }) {
      if (name !== 'VectorSelector' || node.parent?.name === 'MatrixSelector') return;
      const [{ metric } = { metric: '' }] = selectorsOf(expr.slice(from, to));
      // counting series does not use their values
      const isCounted = /count by \([^)]*\) \($/.test(expr.slice(0, from));
      if (/_(total|bucket|sum|count)$/.test(metric) && !isCounted) bare.push(`${metric}: ${expr}`);
    },
  });
  return bare;
}

test('the files in deploy match the code', async () => {
  expect((await staleFiles(root)).filter((path) => path.startsWith(dashboardFolder))).toEqual([]);
  expect(readdirSync(join(root, dashboardFolder)).sort()).toEqual(byUid.map(([uid]) => `${uid}.json`).sort());
});

test('no two dashboards have the same uid or title', () => {
  expect(new Set(byUid.map(([uid]) => uid)).size).toBe(dashboards.length);
  expect(new Set(dashboards.map(({ title }) => title)).size).toBe(dashboards.length);
});

describe.each(byUid)('%s', (_uid, dashboard) => {
  const panels = panelsOf(dashboard);
  const queries = [...panelQueries(dashboard), ...annotationQueries(dashboard)];

  test('every panel has a title, a description, a unit and a query', () => {
    const incomplete = panels.filter(
      ({ title, description, fieldConfig, targets }) =>
        !title || !description || !fieldConfig?.defaults.unit || !targets?.length,
    );
    expect(named(incomplete)).toEqual([]);
  });

  test('no panel lies on another or beyond the last column', () => {
    const taken = new Set<string>();
    for (const { title, gridPos } of everything(dashboard)) {
      const { x, y, w, h } = gridPos ?? { x: -1, y: -1, w: 0, h: 0 };
      expect([title, x >= 0 && w > 0 && h > 0 && x + w <= 24]).toEqual([title, true]);
      for (let row = y; row < y + h; row++) {
        for (let column = x; column < x + w; column++) {
          expect([title, taken.has(`${row}:${column}`)]).toEqual([title, false]);
          taken.add(`${row}:${column}`);
        }
      }
    }
  });

  test('every panel has a unique id', () => {
    const ids = everything(dashboard).map(({ id }) => id);
    expect(ids).not.toContain(undefined);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('every query is valid PromQL over series and labels that exist', () => {
    expect(queries.flatMap(({ expr }) => problemsOf(expr, recorded))).toEqual([]);
    expect(queries.flatMap(({ expr }) => unknownGroupings(expr))).toEqual([]);
  });

  test('with "All" selected no variable is left in a query', () => {
    expect(queries.filter(({ expr }) => expr.includes('$') && !expr.includes('"${1}xx"'))).toEqual([]);
  });

  test('every query goes to the chosen data source and has a name', () => {
    const sources = panels.flatMap((panel) => [panel.datasource, ...targetsOf(panel).map((each) => each.datasource)]);
    expect(new Set(sources.map((each) => each?.uid))).toEqual(new Set(['${datasource}']));
    const unnamed = panels.filter(
      (panel) => new Set(targetsOf(panel).map((each) => each.refId)).size !== panel.targets?.length,
    );
    expect(named(unnamed)).toEqual([]);
  });

  test('model and instance can be chosen, both with several or all values', () => {
    const variables = dashboard.templating?.list ?? [];
    expect(variables.map(({ name }) => name)).toEqual(expect.arrayContaining(['datasource', 'model', 'instance']));
    for (const { name, type, multi, includeAll, allValue, query } of variables) {
      if (type === 'datasource') continue;
      expect({ name, multi, includeAll, allValue }).toEqual({ name, multi: true, includeAll: true, allValue: '.*' });
      const [, series] = /^label_values\((.+), \w+\)$/.exec((query as { query: string }).query) ?? [];
      expect(problemsOf((series ?? '').replaceAll('$model', '.*'), recorded)).toEqual([]);
    }
  });

  test('a series that has the label of a variable is filtered by it', () => {
    const chosen = (dashboard.templating?.list ?? [])
      .map(({ name }) => name)
      .filter((each) => each === 'model' || each === 'queue');
    const unfiltered = queries
      .slice(0, panelQueries(dashboard).length)
      .flatMap(({ panel, expr }) => selectorsOf(expr).map((selector) => ({ panel, ...selector })))
      .flatMap(({ panel, metric, labels }) =>
        chosen
          .filter((label) => metric.startsWith('reranker_') && !labels.includes(label))
          .filter((label) => problemsOf(`${metric}{${label}=""}`, recorded).length === 0)
          .map((label) => `${panel}: ${metric} by ${label}`),
      );
    expect(unfiltered).toEqual([]);
  });

  test('buckets are shown by heat maps and bar gauges only, which do not calculate buckets again', () => {
    const ofBuckets = panels.filter((panel) =>
      targetsOf(panel).some(({ expr }) => /sum by \(le\) \(increase/.test(expr)),
    );
    for (const panel of ofBuckets) {
      expect(['heatmap', 'bargauge']).toContain(panel.type);
      expect(targetsOf(panel).map(({ format, legendFormat }) => [format, legendFormat])).toEqual([
        ['heatmap', '{{le}}'],
      ]);
      expect(targetsOf(panel)[0]?.instant === true).toBe(panel.type === 'bargauge');
    }
    const heatMaps = panels.filter(({ type }) => type === 'heatmap');
    expect(heatMaps.map(({ options }) => options.calculate)).toEqual(heatMaps.map(() => false));
    expect(heatMaps.filter((panel) => !ofBuckets.includes(panel))).toEqual([]);
  });

  test('quantiles link to traces', () => {
    const quantiles = panels.flatMap(targetsOf).filter(({ expr }) => expr.startsWith('histogram_quantile'));
    expect(quantiles.filter(({ exemplar }) => exemplar !== true)).toEqual([]);
  });

  test('a counter is shown only as a rate or an increase', () => {
    expect(queries.flatMap(({ expr }) => bareCounters(expr))).toEqual([]);
  });

  test('a link to a runbook names an alert that exists and has a page', () => {
    const links = panels.flatMap(({ links }) => links ?? []).map(({ url }) => url ?? '');
    const names = links.map((url) => url.replace(`${runbookFolderUrl}/`, '').replace(/\.md$/, ''));
    const known = new Set(rules.map(({ alert }) => alert));
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    expect(names.filter((name) => !existsSync(join(root, 'docs/runbooks', `${name}.md`)))).toEqual([]);
    expect(names).not.toEqual([]);
  });

  test('every dashboard links to the other dashboards', () => {
    expect(dashboard.tags).toContain('reranker');
    expect(dashboard.links).toEqual([expect.objectContaining({ type: 'dashboards', tags: ['reranker'] })]);
  });
});

test.each([
  'sum by (queue) (rate(reranker_requests_total[1m]))',
  'max by (code) (sum by (endpoint, model) (reranker_requests_total))',
])('the check of groupings finds a label that does not exist: %s', (expr) => {
  expect(unknownGroupings(expr)).not.toEqual([]);
});

test.each(['sum(reranker_requests_total)', 'reranker_score_distribution_sum / on () rate(reranker_errors_total[1m])'])(
  'the check of counters finds a bare counter: %s',
  (expr) => {
    expect(bareCounters(expr)).not.toEqual([]);
  },
);

test('the first row asks whether users are fine, the second whether it is us or the load', () => {
  const [traffic] = dashboards;
  const headings = everything(traffic as Dashboard).filter((each) => !isPanel(each));
  expect(headings.slice(0, 2).map(({ title }) => title)).toEqual(['Are users fine?', 'Is it us or the load?']);
});

test('the ten panels of the first dashboard keep their titles and their order', () => {
  const article = dashboards.find(({ uid }) => uid === 'reranker-article') as Dashboard;
  expect(article.title).toBe('Qwen3-Reranker监控看板');
  expect(article.time?.from).toBe('now-6h');
  expect(named(panelsOf(article))).toEqual([
    '请求统计',
    '平均响应时间',
    '错误率',
    'GPU内存使用',
    '请求耗时分布',
    '相关性分数分布',
    '请求趋势',
    '模型推理时间',
    '错误类型分布',
    '高分比例(>=0.8)',
  ]);
});
