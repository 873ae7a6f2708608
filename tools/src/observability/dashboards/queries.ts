import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';

/** Values for Grafana's built-in variables. */
export interface Substitutes {
  /** For `$__rate_interval`, such as `1m`; at least four times the scrape interval. */
  rateInterval?: string;
  /** For `$__range`. */
  range?: string;
}

/** One query of a panel with its variables replaced. */
export interface PanelQuery {
  /** uid of the dashboard. */
  dashboard: string;
  /** Title of the panel. */
  panel: string;
  expr: string;
  /** True for an instant query, false for a range query. */
  isInstant: boolean;
}

/** Every query of every panel of a dashboard's JSON, with "All" selected in each of its variables. */
export function panelQueries(dashboard: Dashboard, substitutes: Substitutes = {}): PanelQuery[] {
  return (dashboard.panels ?? []).filter(isPanel).flatMap((panel) =>
    (panel.targets ?? []).map((target) => {
      const { expr, instant } = target as Dataquery;
      return {
        dashboard: dashboard.uid ?? '',
        panel: panel.title ?? '',
        expr: substitute(expr, dashboard, substitutes),
        isInstant: instant === true,
      };
    }),
  );
}

/** Every query of the annotations of a dashboard's JSON. */
export function annotationQueries(dashboard: Dashboard, substitutes: Substitutes = {}): PanelQuery[] {
  return (dashboard.annotations?.list ?? []).map(({ name, expr }) => ({
    dashboard: dashboard.uid ?? '',
    panel: name,
    expr: substitute(expr ?? '', dashboard, substitutes),
    isInstant: false,
  }));
}

function substitute(expr: string, dashboard: Dashboard, { rateInterval = '1m', range = '1h' }: Substitutes): string {
  const variables = (dashboard.templating?.list ?? []).flatMap(({ name, allValue }): [string, string][] =>
    allValue === undefined ? [] : [[name, allValue]],
  );
  return [...variables, ['__rate_interval', rateInterval], ['__range', range]].reduce(
    (text, [name, value]) => text.replaceAll(`$${name}`, value as string),
    expr,
  );
}

function isPanel(each: Panel | RowPanel): each is Panel {
  return each.type !== 'row';
}
