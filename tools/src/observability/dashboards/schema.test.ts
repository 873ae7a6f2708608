import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboardFiles } from '.';
import { compileErrors, schemaProgram } from './testing';

const dashboards = [...dashboardFiles().values()].map((text) => JSON.parse(text) as Dashboard);
const traffic = dashboards.find(({ uid }) => uid === 'reranker-traffic') as Dashboard;

/** The first panel of a kind, changed: what a fault in our code or a new version of the schema would look like. */
function spoiled(type: string, change: (panel: Record<string, Record<string, unknown>>) => void): Dashboard {
  const panel = structuredClone(traffic.panels?.find((each) => each.type === type));
  change(panel as unknown as Record<string, Record<string, unknown>>);
  return { ...traffic, panels: [panel] } as Dashboard;
}

const faults = {
  wrongValue: spoiled('stat', ({ options }) => (options!['colorMode'] = 'rainbow')),
  unknownOption: spoiled('heatmap', ({ options }) => (options!['calculated'] = false)),
  missingOption: spoiled('bargauge', ({ options }) => delete options!['sizing']),
  unknownFieldOption: spoiled('timeseries', ({ fieldConfig }) => {
    (fieldConfig!['defaults'] as { custom: Record<string, unknown> }).custom['lineWith'] = 1;
  }),
  wrongPlace: spoiled('timeseries', (panel) => (panel['gridPos'] = { x: 0, y: 0, w: 8 })),
  noRefId: spoiled('timeseries', (panel) => (panel['targets'] = [{ expr: 'up' }] as never)),
};

// compiles all dashboards in one run, because reading the schema takes most of the time
const errors = compileErrors(
  __dirname,
  new Map([
    ...dashboards.map((dashboard): [string, string] => [dashboard.uid ?? '', schemaProgram(dashboard)]),
    ...Object.entries(faults).map(([name, dashboard]): [string, string] => [name, schemaProgram(dashboard)]),
  ]),
);

test.each(dashboards.map(({ uid }) => uid ?? ''))('every panel of %s matches the schema of Grafana 13', (uid) => {
  expect(errors.get(uid)).toEqual([]);
});

test.each([
  ['wrongValue', 'rainbow'],
  ['unknownOption', 'calculated'],
  ['missingOption', 'sizing'],
  ['unknownFieldOption', 'lineWith'],
  ['wrongPlace', "'h' is missing"],
  ['noRefId', 'refId'],
])('the check finds a fault: %s', (name, says) => {
  expect(errors.get(name)).toEqual([expect.stringContaining(says)]);
});
