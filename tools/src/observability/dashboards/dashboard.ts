import * as sdk from '@grafana/grafana-foundation-sdk/dashboard';
import { datasource } from './panels';

const columns = 24;
const rowHeight = 1;

/** Panels under one heading, laid out from left to right. A panel that does not fit starts the next line. */
export interface Section {
  /** Left out = no heading. */
  title?: string;
  /** Height of each panel in grid rows. Default: 8. */
  height?: number;
  panels: readonly sdk.Panel[];
}

/** A variable at the top of a dashboard whose values are those of a label. */
export interface Choice {
  name: string;
  label: string;
  /** Grafana's `label_values(<series>, <label>)`. */
  query: string;
}

/** Variables that several dashboards have. */
export const choices = {
  model: { name: 'model', label: 'Model', query: 'label_values(reranker_model_info, model)' },
  queue: { name: 'queue', label: 'Queue', query: 'label_values(reranker_queue_jobs, queue)' },
} as const satisfies Record<string, Choice>;

/** The choice of processes, by the label `instance` of a series. */
export const instanceChoice = (label: string, series: string): Choice => ({
  name: 'instance',
  label,
  query: `label_values(${series}, instance)`,
});

/** One dashboard. */
export interface DashboardFacts {
  uid: string;
  title: string;
  description: string;
  choices: readonly Choice[];
  /** Start of the initial time range. Default: `now-1h`. */
  from?: string;
  sections: readonly Section[];
  /** Labels of the elements outside the panels. Default: in English. */
  words?: typeof englishWords;
}

const englishWords = {
  datasource: 'Data source',
  others: 'Other dashboards',
  started: 'Process started',
  newModel: 'New model or revision',
  alert: 'Alert fires',
};

/** The dashboard in Grafana's JSON model. */
export function buildDashboard(facts: DashboardFacts): sdk.Dashboard {
  const { from = 'now-1h', words = englishWords } = facts;
  const builder = new sdk.DashboardBuilder(facts.title)
    .uid(facts.uid)
    .description(facts.description)
    .tags(['reranker'])
    .timezone('browser')
    .time({ from, to: 'now' })
    .refresh('30s')
    .tooltip(sdk.DashboardCursorSync.Crosshair)
    .variables([
      new sdk.DatasourceVariableBuilder('datasource').type('prometheus').label(words.datasource),
      ...facts.choices.map(variable),
    ])
    .annotations(annotations(words))
    .link(
      new sdk.DashboardLinkBuilder(words.others)
        .type(sdk.DashboardLinkType.Dashboards)
        .tags(['reranker'])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    );
  for (const placed of layOut(facts.sections)) {
    if (placed.type === 'row') builder.withRow({ build: () => placed as sdk.RowPanel });
    else builder.withPanel({ build: () => placed as sdk.Panel });
  }
  return builder.build();
}

function variable({ name, label, query }: Choice): sdk.QueryVariableBuilder {
  return new sdk.QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query({ query, refId: name })
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] })
    .sort(sdk.VariableSort.AlphabeticalAsc)
    .refresh(sdk.VariableRefresh.OnTimeRangeChanged);
}

/** Marks events that may explain a change in a graph: a restart, a new model, an alert. */
function annotations(words: typeof englishWords): sdk.AnnotationQueryBuilder[] {
  const annotation = (name: string, color: string, expr: string) =>
    new sdk.AnnotationQueryBuilder()
      .name(name)
      .datasource(datasource)
      .enable(true)
      .iconColor(color)
      .expr(expr)
      .step('60s');
  return [
    annotation(words.started, 'blue', '(time() - process_start_time_seconds{job=~"reranker-.+"}) < 60')
      .titleFormat('{{job}}')
      .textFormat('{{instance}}'),
    annotation(
      words.newModel,
      'purple',
      'count by (model, revision, dtype) (reranker_model_info) unless count by (model, revision, dtype) (reranker_model_info offset 2m)',
    )
      .titleFormat('{{model}}')
      .textFormat('{{revision}} {{dtype}}'),
    annotation(words.alert, 'red', 'ALERTS{alertstate="firing",severity=~"page|ticket"}')
      .titleFormat('{{alertname}}')
      .textFormat('{{severity}}'),
  ];
}

/** Assigns a grid position and an id to each panel. Throws a RangeError when a panel is wider than the grid. */
export function layOut(sections: readonly Section[]): (sdk.Panel | sdk.RowPanel)[] {
  const placed: (sdk.Panel | sdk.RowPanel)[] = [];
  let y = 0;
  for (const { title, height = 8, panels } of sections) {
    if (title !== undefined) {
      const row = new sdk.RowBuilder(title).id(placed.length + 1).gridPos({ x: 0, y, w: columns, h: rowHeight });
      placed.push(row.build());
      y += rowHeight;
    }
    let x = 0;
    for (const panel of panels) {
      const w = panel.gridPos?.w ?? columns;
      if (w > columns) throw new RangeError(`panel "${panel.title}" is wider than the grid`);
      if (x + w > columns) {
        x = 0;
        y += height;
      }
      placed.push({ ...panel, id: placed.length + 1, gridPos: { x, y, w, h: height } });
      x += w;
    }
    y += height;
  }
  return placed;
}
