import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { buildDashboard, choices } from './dashboard';
import { distribution, graph } from './panels';
import { annotationQueries, panelQueries } from './queries';

const facts = { title: 't', description: 'd', unit: 's', width: 8 };
const dashboard: Dashboard = buildDashboard({
  uid: 'x',
  title: 'X',
  description: 'd',
  choices: [choices.model],
  from: 'now-1h',
  sections: [
    {
      title: 'a heading asks nothing',
      height: 8,
      panels: [
        graph(facts, { expr: 'rate(a{model=~"$model"}[$__rate_interval])', legend: '' }, { expr: 'b', legend: '' }),
        distribution({ ...facts, title: 'u' }, 'increase(c[$__range])'),
      ],
    },
  ],
});

test('every query of every panel is returned with "All" selected and the windows filled in', () => {
  expect(panelQueries(dashboard, { rateInterval: '20s', range: '5m' })).toEqual([
    { dashboard: 'x', panel: 't', expr: 'rate(a{model=~".*"}[20s])', isInstant: false },
    { dashboard: 'x', panel: 't', expr: 'b', isInstant: false },
    { dashboard: 'x', panel: 'u', expr: 'increase(c[5m])', isInstant: true },
  ]);
});

test('queries of annotations are substituted like those of panels', () => {
  expect(annotationQueries(dashboard).map(({ panel }) => panel)).toEqual([
    'Process started',
    'New model or revision',
    'Alert fires',
  ]);
});
