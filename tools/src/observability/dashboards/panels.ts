import * as barchart from '@grafana/grafana-foundation-sdk/barchart';
import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as gauge from '@grafana/grafana-foundation-sdk/gauge';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { runbookFolderUrl } from '../rules';

/** The data source that is selected at the top of the dashboard. */
export const datasource = { type: 'prometheus', uid: '${datasource}' };

/** A query of a panel. */
export interface Question {
  expr: string;
  /** Name of the series. Grafana replaces `{{label}}` by the value of the label. */
  legend: string;
  /** Shows exemplars (links to traces) as dots. */
  exemplars?: boolean;
}

/** Ascending; the first applies from minus infinity. */
export type Thresholds = readonly dashboard.Threshold[];

/** Properties that every type of panel has. */
export interface PanelFacts {
  title: string;
  /** One or two sentences: what the panel shows, and what to do when the value is bad. */
  description: string;
  /** Grafana's id of a unit. Default: a plain number. */
  unit?: string;
  /** Width in grid columns; the grid has 24. Default: a third of it. */
  width?: number;
  decimals?: number;
  min?: number;
  max?: number;
  thresholds?: Thresholds;
  /** Texts shown instead of values. The key `nan` stands for "no number". */
  texts?: Readonly<Record<string, { text: string; color?: string }>>;
  /** Text shown when the query returns no series. */
  noValue?: string;
  /** Name of the alert whose runbook the panel links to. */
  runbook?: string;
}

/** Good below the first limit, bad from the last one. */
export function goodBelow(warning: number, bad: number): Thresholds {
  return [
    { value: null, color: 'green' },
    { value: warning, color: 'yellow' },
    { value: bad, color: 'red' },
  ];
}

/** Good below the limit, bad from it. */
export function badFrom(limit: number): Thresholds {
  return [
    { value: null, color: 'green' },
    { value: limit, color: 'red' },
  ];
}

/** Bad below the limit, good from it. */
export function badBelow(limit: number): Thresholds {
  return [
    { value: null, color: 'red' },
    { value: limit, color: 'green' },
  ];
}

/** Bad below the first limit, good from the last one. */
export function goodFrom(warning: number, good: number): Thresholds {
  return [
    { value: null, color: 'red' },
    { value: warning, color: 'yellow' },
    { value: good, color: 'green' },
  ];
}

type AnyBuilder =
  | timeseries.PanelBuilder
  | stat.PanelBuilder
  | gauge.PanelBuilder
  | bargauge.PanelBuilder
  | barchart.PanelBuilder
  | heatmap.PanelBuilder
  | statetimeline.PanelBuilder
  | table.PanelBuilder;

function configurePanel(
  builder: AnyBuilder,
  facts: PanelFacts,
  targets: prometheus.DataqueryBuilder[],
): dashboard.Panel {
  const { title, description, unit = 'short', width = 8 } = facts;
  builder.title(title).description(description).unit(unit).span(width).datasource(datasource);
  targets.forEach((target, i) => builder.withTarget(target.refId(String.fromCharCode(65 + i)).datasource(datasource)));
  if (facts.decimals !== undefined) builder.decimals(facts.decimals);
  if (facts.min !== undefined) builder.min(facts.min);
  if (facts.max !== undefined) builder.max(facts.max);
  if (facts.noValue !== undefined) builder.noValue(facts.noValue);
  if (facts.texts) builder.mappings(Object.entries(facts.texts).map(([value, result]) => mapping(value, result)));
  if (facts.thresholds) {
    const config = new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute);
    builder.thresholds(config.steps([...facts.thresholds]));
  }
  if (facts.runbook !== undefined) {
    const link = new dashboard.DashboardLinkBuilder(`Runbook ${facts.runbook}`).type(dashboard.DashboardLinkType.Link);
    builder.links([link.icon('doc').targetBlank(true).url(`${runbookFolderUrl}/${facts.runbook}.md`)]);
  }
  return builder.build();
}

function mapping(value: string, result: { text: string; color?: string }): dashboard.ValueMapping {
  return value === 'nan'
    ? { type: dashboard.MappingType.SpecialValue, options: { match: dashboard.SpecialValueMatch.NullAndNan, result } }
    : { type: dashboard.MappingType.ValueToText, options: { [value]: result } };
}

function rangeQuery({ expr, legend, exemplars }: Question): prometheus.DataqueryBuilder {
  const target = new prometheus.DataqueryBuilder().expr(expr).legendFormat(legend).range();
  return exemplars ? target.exemplar(true) : target;
}

function instantQuery({ expr, legend }: Question): prometheus.DataqueryBuilder {
  return new prometheus.DataqueryBuilder().expr(expr).legendFormat(legend).instant();
}

function bucketQuery(expr: string): prometheus.DataqueryBuilder {
  return rangeQuery({ expr, legend: '{{le}}' }).format(prometheus.PromQueryFormat.Heatmap);
}

function legend(): common.VizLegendOptionsBuilder {
  return new common.VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(common.LegendDisplayMode.List)
    .placement(common.LegendPlacement.Bottom);
}

function lastValue(): common.ReduceDataOptionsBuilder {
  return new common.ReduceDataOptionsBuilder().values(false).calcs(['lastNotNull']);
}

/** Lines over time. Thresholds and series whose name begins with `limit` or `baseline` are dashed. */
export function graph(facts: PanelFacts & { stacked?: boolean }, ...questions: Question[]): dashboard.Panel {
  const builder = new timeseries.PanelBuilder()
    .legend(legend())
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    )
    .lineWidth(1)
    .fillOpacity(facts.stacked ? 40 : 8)
    .showPoints(common.VisibilityMode.Never)
    .overrideByRegexp('/^(limit|baseline)/', [
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 8] } },
      { id: 'custom.fillOpacity', value: 0 },
    ]);
  if (facts.stacked) builder.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
  if (facts.thresholds) {
    builder.thresholdsStyle(
      new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed),
    );
  }
  return configurePanel(builder, { min: 0, ...facts }, questions.map(rangeQuery));
}

/** Large numbers with a small graph. `isInstant`: no graph, because the query itself covers the whole time range. */
export function figure(facts: PanelFacts & { isInstant?: boolean }, ...questions: Question[]): dashboard.Panel {
  const builder = new stat.PanelBuilder()
    .reduceOptions(lastValue())
    .graphMode(facts.isInstant ? common.BigValueGraphMode.None : common.BigValueGraphMode.Area);
  return configurePanel(builder, facts, questions.map(facts.isInstant ? instantQuery : rangeQuery));
}

/** A dial from `min` to `max`. */
export function dial(facts: PanelFacts, ...questions: Question[]): dashboard.Panel {
  const panel = configurePanel(new gauge.PanelBuilder().reduceOptions(lastValue()), facts, questions.map(rangeQuery));
  // options that Grafana 13 requires and the SDK does not set
  const look = {
    barShape: 'flat',
    barWidthFactor: 0.5,
    effects: {},
    segmentCount: 1,
    segmentSpacing: 0.3,
    shape: 'gauge',
  };
  return { ...panel, options: { ...panel.options, ...look } };
}

/** One bar per bucket for the whole time range. Grafana converts the cumulative buckets to counts per bucket. */
export function distribution(facts: PanelFacts, expr: string): dashboard.Panel {
  const builder = new bargauge.PanelBuilder()
    .reduceOptions(lastValue())
    .orientation(common.VizOrientation.Vertical)
    .displayMode(common.BarGaugeDisplayMode.Gradient)
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.ContinuousBlPu));
  return configurePanel(builder, { min: 0, ...facts }, [bucketQuery(expr).instant()]);
}

/** One bar per series, for the whole time range. */
export function bars(facts: PanelFacts, question: Question): dashboard.Panel {
  const builder = new bargauge.PanelBuilder()
    .reduceOptions(lastValue())
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Basic);
  return configurePanel(builder, { min: 0, ...facts }, [instantQuery(question)]);
}

/** One bar per row of a table with the label `field` and a value. */
export function columns(facts: PanelFacts & { field: string }, question: Question): dashboard.Panel {
  const builder = new barchart.PanelBuilder()
    .orientation(common.VizOrientation.Horizontal)
    .legend(legend().showLegend(false))
    .xField(facts.field)
    .withTransformation({ id: 'organize', options: { excludeByName: { Time: true } } });
  return configurePanel(builder, { min: 0, ...facts }, [
    instantQuery(question).format(prometheus.PromQueryFormat.Table),
  ]);
}

/** Buckets over time, coloured by the number of observations. `unit` is the unit of the bucket edges. */
export function heat(facts: PanelFacts, expr: string): dashboard.Panel {
  const builder = new heatmap.PanelBuilder()
    .calculate(false)
    .yAxis(new heatmap.YAxisConfigBuilder().unit(facts.unit ?? 'short').axisPlacement(common.AxisPlacement.Left))
    .color(
      new heatmap.HeatmapColorOptionsBuilder()
        .mode(heatmap.HeatmapColorMode.Scheme)
        .scheme('Oranges')
        .fill('dark-orange')
        .exponent(0.5)
        .steps(64)
        .reverse(false),
    )
    .filterValues(new heatmap.FilterValueRangeBuilder().le(1e-9));
  return configurePanel(builder, facts, [bucketQuery(expr)]);
}

/** One bar per series whose colour shows the state over time. */
export function timeline(facts: PanelFacts, question: Question): dashboard.Panel {
  const builder = new statetimeline.PanelBuilder().legend(legend().showLegend(false));
  return configurePanel(builder, facts, [rangeQuery(question)]);
}

/** One row per series, one column per label except the `hidden` labels. The cells of the `linked` column are links. */
export function list(
  facts: PanelFacts & { hidden?: readonly string[]; linked?: { field: string; title: string; url: string } },
  expr: string,
): dashboard.Panel {
  const excludeByName = Object.fromEntries(['Time', 'Value', ...(facts.hidden ?? [])].map((name) => [name, true]));
  const builder = new table.PanelBuilder()
    .cellOptions({ type: common.TableCellDisplayMode.Auto } as common.TableAutoCellOptions)
    .withTransformation({ id: 'organize', options: { excludeByName } });
  if (facts.linked) {
    const { field, title, url } = facts.linked;
    builder.overrideByName(field, [{ id: 'links', value: [{ title, url, targetBlank: true }] }]);
  }
  const target = instantQuery({ expr, legend: '' }).format(prometheus.PromQueryFormat.Table);
  const panel = configurePanel(builder, facts, [target]);
  // the SDK sets an option that Grafana 13 has moved to the columns
  const { footer: _footer, ...options } = panel.options as Record<string, unknown>;
  return { ...panel, options };
}
