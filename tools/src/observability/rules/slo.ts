import {
  availabilityObjective,
  badRequestsMin,
  budgetDays,
  type BurnWindow,
  burnWindows,
  latencyEdge,
  latencyObjective,
  latencyThresholdS,
  rankingEndpoints,
  windows,
} from '../objectives';
import type { AlertRule, RecordingRule, RuleGroup } from './rule';

const requests = `reranker_requests_total{${rankingEndpoints}}`;
const faults = `reranker_requests_total{${rankingEndpoints},code=~"5.."}`;
const answered = `${rankingEndpoints},code=~"2.."`;

/** Without traffic the ratios have no value. */
const ratios: RecordingRule[] = windows.flatMap((window) => [
  {
    record: `fleet:reranker_requests_bad:ratio_rate${window}`,
    expr: `sum(rate(${faults}[${window}])) / (sum(rate(${requests}[${window}])) > 0)`,
  },
  {
    record: `fleet:reranker_requests_slow:ratio_rate${window}`,
    expr:
      `1 - sum(rate(reranker_request_duration_seconds_bucket{${answered},${latencyEdge}}[${window}]))` +
      ` / (sum(rate(reranker_request_duration_seconds_count{${answered}}[${window}])) > 0)`,
  },
]);

interface Objective {
  alert: string;
  ratio: 'bad' | 'slow';
  budget: number;
  /** Series of the requests over which the ratio is taken. */
  of: string;
  what: string;
  description: string;
}

const objectives: Objective[] = [
  {
    alert: 'RerankerAvailabilityBurn',
    ratio: 'bad',
    budget: 1 - availabilityObjective,
    of: requests,
    what: 'of the ranking requests failed',
    description:
      `Users get server errors at a rate that uses up the ${budgetDays}-day error budget early. ` +
      'The first rows of the traffic dashboard show the status code, and whether a worker or Redis is down.',
  },
  {
    alert: 'RerankerLatencyBurn',
    ratio: 'slow',
    budget: 1 - latencyObjective,
    of: `reranker_requests_total{${answered}}`,
    what: `of the rankings took longer than ${latencyThresholdS} s`,
    description:
      'Users wait too long. Compare queue wait and inference time on the traffic dashboard: ' +
      'a long wait means load; a long inference points to the model or its machine.',
  },
];

function burnAlert(objective: Objective, window: BurnWindow): AlertRule {
  const { severity, long, short, burnRate, ratioMax, for: duration } = window;
  const record = `fleet:reranker_requests_${objective.ratio}:ratio_rate`;
  const limit = Number(Math.min(ratioMax, burnRate * objective.budget).toFixed(5));
  return {
    alert: objective.alert,
    when: [
      { value: `${record}${long}`, operator: '>', limit },
      { value: `${record}${short}`, operator: '>', limit },
      { value: `${record}${long} * sum(increase(${objective.of}[${long}]))`, operator: '>', limit: badRequestsMin },
    ],
    for: duration,
    severity,
    labels: { window: long },
    summary: `{{ $value | humanizePercentage }} ${objective.what} in the last ${long}.`,
    description: objective.description,
  };
}

/** Recording rules of the objectives, and alerts on the burn rate of their error budgets. */
export const sloGroups: RuleGroup[] = [
  { name: 'reranker-objectives', rules: ratios },
  {
    name: 'reranker-budgets',
    rules: objectives.flatMap((objective) => burnWindows.map((window) => burnAlert(objective, window))),
  },
];
