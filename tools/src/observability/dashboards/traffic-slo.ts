import {
  availabilityObjective,
  budgetDays,
  burnWindows,
  latencyEdge,
  latencyObjective,
  latencyThresholdS,
  rankingEndpoints,
} from '../objectives';
import { runbookFolderUrl } from '../rules/rule';
import type { Section } from './dashboard';
import { quantile, rateSum, selected, share, window } from './expressions';
import { badFrom, figure, goodBelow, goodFrom, graph, list } from './panels';

/** Ranking requests at the chosen gateways. */
export const ranking = `${rankingEndpoints},${selected.instance}`;

/** Those of them that got a ranking. */
export const answered = `${ranking},code=~"2.."`;

const requests = `reranker_requests_total{${ranking}}`;
const faults = `reranker_requests_total{${ranking},code=~"5.."}`;
const duration = 'reranker_request_duration_seconds';
const withinThreshold = `${duration}_bucket{${answered},${latencyEdge}}`;
const allAnswers = `${duration}_count{${answered}}`;

const faultBudget = Number((1 - availabilityObjective).toFixed(6));
const slowBudget = Number((1 - latencyObjective).toFixed(6));
const budgetWindow = `${budgetDays}d`;
const grown = (series: string, over: string) => `sum(increase(${series}[${over}]))`;

/** First row: are the promises kept? */
export const users: Section = {
  title: 'Are users fine?',
  height: 8,
  panels: [
    graph(
      {
        title: 'Requests by answer',
        description:
          'Ranking requests a second by the class of their status. A sudden fall is a fault in front of us; 5xx are ours; 4xx (429 among them) are refusals, see below why.',
        unit: 'reqps',
        width: 8,
        stacked: true,
      },
      {
        expr: `sum by (class) (label_replace(rate(${requests}[${window}]), "class", "\${1}xx", "code", "(.).*"))`,
        legend: '{{class}}',
      },
    ),
    graph(
      {
        title: 'Error ratio',
        description: `Share of ranking requests answered with a fault of ours (5xx), against the objective of ${faultBudget * 100} %. Above the line: look at the errors by type below.`,
        unit: 'percentunit',
        width: 5,
        thresholds: badFrom(faultBudget),
        runbook: 'RerankerAvailabilityBurn',
      },
      { expr: share(rateSum(faults), rateSum(requests)), legend: '5xx' },
    ),
    graph(
      {
        title: 'p95 of the answers',
        description: `Time within which ${latencyObjective * 100} % of the good answers are ready; the objective is ${latencyThresholdS} s. Above the line: the next row says whether it is load or us. Dots lead to traces.`,
        unit: 's',
        width: 5,
        thresholds: badFrom(latencyThresholdS),
        runbook: 'RerankerLatencyBurn',
      },
      { expr: quantile(latencyObjective, duration, answered), legend: 'p95', exemplars: true },
    ),
    figure(
      {
        title: `Budget left, ${budgetDays} days`,
        description: `What is left of the errors and of the slow answers that the objectives allow in ${budgetDays} days. Below 0 the promise is broken: no risky change until it recovers.`,
        unit: 'percentunit',
        width: 3,
        decimals: 1,
        thresholds: goodFrom(0, 0.25),
        ofMoment: true,
        runbook: 'RerankerAvailabilityBurn',
      },
      {
        expr: `1 - ${share(grown(faults, budgetWindow), grown(requests, budgetWindow))} / ${faultBudget}`,
        legend: 'errors',
      },
      {
        expr: `1 - (${grown(allAnswers, budgetWindow)} - ${grown(withinThreshold, budgetWindow)}) / clamp_min(${grown(allAnswers, budgetWindow)}, 1e-9) / ${slowBudget}`,
        legend: 'slow answers',
      },
    ),
    figure(
      {
        title: 'Availability',
        description: `Share of the ranking requests in the time range that were not answered with a fault of ours; the objective is ${availabilityObjective * 100} %.`,
        unit: 'percentunit',
        width: 3,
        decimals: 2,
        thresholds: goodFrom(0.99, availabilityObjective),
        ofMoment: true,
        runbook: 'RerankerErrorRateHigh',
      },
      { expr: `1 - ${share(grown(faults, '$__range'), grown(requests, '$__range'))}`, legend: 'available' },
    ),
  ],
};

const [page, ticket] = (['page', 'ticket'] as const).map((severity) =>
  Math.max(...burnWindows.filter((each) => each.severity === severity).map((each) => each.burnRate)),
) as [number, number];

function burn(title: string, ratio: 'bad' | 'slow', facts: { budget: number; runbook: string; what: string }) {
  return graph(
    {
      title,
      description: `How many times faster than allowed the ${budgetDays} days' budget of ${facts.what} is used up, over several windows. 1 uses it up exactly in time; somebody is woken at ${page}.`,
      unit: 'suffix: x',
      width: 8,
      thresholds: goodBelow(ticket, page),
      runbook: facts.runbook,
    },
    ...['1h', '6h', '1d', '3d'].map((over) => ({
      expr: `fleet:reranker_requests_${ratio}:ratio_rate${over} / ${facts.budget} or vector(0)`,
      legend: over,
    })),
  );
}

/** How fast the promises are being broken, and what fires. */
export const objectives: Section = {
  title: 'Objectives and alerts',
  height: 8,
  panels: [
    burn('Burn rate of errors', 'bad', { budget: faultBudget, runbook: 'RerankerAvailabilityBurn', what: 'errors' }),
    burn('Burn rate of slow answers', 'slow', {
      budget: slowBudget,
      runbook: 'RerankerLatencyBurn',
      what: 'slow answers',
    }),
    list(
      {
        title: 'Alerts that fire',
        description:
          'A name leads to what to do. Watchdog always fires; when it is missing, alerts themselves do not work.',
        unit: 'none',
        width: 8,
        linked: { field: 'alertname', title: 'Runbook', url: `${runbookFolderUrl}/\${__value.raw}.md` },
        noValue: 'no alert, not even Watchdog',
      },
      'count by (alertname, severity) (ALERTS{alertstate="firing"})',
    ),
  ],
};
