import {
  availabilityObjective,
  budgetDays,
  burnWindows,
  latencyEdge,
  latencyObjective,
  latencyThresholdS,
  rankingEndpoints,
} from '../objectives';
import { runbookFolderUrl } from '../rules';
import type { Section } from './dashboard';
import { quantile, rateSum, selected, share, window } from './expressions';
import { badFrom, figure, goodBelow, goodFrom, graph, list } from './panels';

/** Ranking requests at the chosen gateways. */
export const ranking = `${rankingEndpoints},${selected.instance}`;

/** Ranking requests that were answered with a ranking. */
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

/** First section: are the objectives met? */
export const users: Section = {
  title: 'Are users fine?',
  panels: [
    graph(
      {
        title: 'Requests by answer',
        description:
          'Ranking requests per second by status class. A sudden drop means a fault in front of the gateways. 5xx are faults of the fleet. 4xx, including 429, are refusals: the reasons are shown below.',
        unit: 'reqps',
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
        description: `Share of ranking requests answered with a server error (5xx); the objective allows ${faultBudget * 100} %. Above the line, see the errors by type below.`,
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
        description: `Time within which ${latencyObjective * 100} % of the successful requests are answered; the objective is ${latencyThresholdS} s. Above the line, the next row shows whether load or the fleet is the cause. Dots link to traces.`,
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
        description: `Share that is left of the errors and slow answers that the objectives allow in ${budgetDays} days. Below 0 the objective is missed: make no risky change until the budget recovers.`,
        unit: 'percentunit',
        width: 3,
        decimals: 1,
        thresholds: goodFrom(0, 0.25),
        isInstant: true,
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
        description: `Share of the ranking requests in the time range that were not answered with a server error; the objective is ${availabilityObjective * 100} %.`,
        unit: 'percentunit',
        width: 3,
        decimals: 2,
        thresholds: goodFrom(0.99, availabilityObjective),
        isInstant: true,
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
      description: `Rate at which the ${budgetDays}-day budget of ${facts.what} is used up, over several windows. At 1 the budget lasts exactly ${budgetDays} days. At ${page} the person on call is paged.`,
      unit: 'suffix: x',
      thresholds: goodBelow(ticket, page),
      runbook: facts.runbook,
    },
    ...['1h', '6h', '1d', '3d'].map((over) => ({
      expr: `fleet:reranker_requests_${ratio}:ratio_rate${over} / ${facts.budget} or vector(0)`,
      legend: over,
    })),
  );
}

/** Burn rates of the error budgets, and the alerts that fire. */
export const objectives: Section = {
  title: 'Objectives and alerts',
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
          'Each name links to its runbook. Watchdog always fires: if it is missing, alerting itself does not work.',
        unit: 'none',
        linked: { field: 'alertname', title: 'Runbook', url: `${runbookFolderUrl}/\${__value.raw}.md` },
        noValue: 'no alert, not even Watchdog',
      },
      'count by (alertname, severity) (ALERTS{alertstate="firing"})',
    ),
  ],
};
