/** The service level objectives, and the burn rates at which an alert fires. */

/** Share of ranking requests that are not answered with a server error (5xx), over {@link budgetDays}. */
export const availabilityObjective = 0.999;

/** Share of answered rankings that are ready within {@link latencyThresholdS}, over {@link budgetDays}. */
export const latencyObjective = 0.95;

/** Must be a bucket edge of `reranker_request_duration_seconds`. */
export const latencyThresholdS = 1;

export const budgetDays = 30;

/** Fewest bad requests in the long window for an alert: with little traffic, one request is a large share. */
export const badRequestsMin = 5;

/**
 * An alert fires while the burn rate is too high in both windows. The long window shows that the problem lasts;
 * the short window ends the alert soon after the problem ends.
 */
export interface BurnWindow {
  severity: 'page' | 'ticket';
  long: string;
  short: string;
  /** Multiple of the rate that uses up the budget in exactly {@link budgetDays}. */
  burnRate: number;
  /** Upper bound of the alert's limit: 14.4 times the 5 % of latency would be 72 % of the requests. */
  ratioMax: number;
  for: string;
}

/** Google, The Site Reliability Workbook, chapter 5: multiwindow, multi-burn-rate alerts. */
export const burnWindows: readonly BurnWindow[] = [
  { severity: 'page', long: '1h', short: '5m', burnRate: 14.4, ratioMax: 0.4, for: '2m' },
  { severity: 'page', long: '6h', short: '30m', burnRate: 6, ratioMax: 0.2, for: '15m' },
  { severity: 'ticket', long: '1d', short: '2h', burnRate: 3, ratioMax: 0.2, for: '1h' },
  { severity: 'ticket', long: '3d', short: '6h', burnRate: 1, ratioMax: 0.2, for: '3h' },
];

/** Ranking requests, by any alias of the endpoint. */
export const rankingEndpoints = 'endpoint=~".*rank.*"';

/** The bucket edge of the latency threshold, as Prometheus 2 (`1`) and 3 (`1.0`) write it. */
export const latencyEdge = `le=~"${latencyThresholdS}(\\\\.0)?"`;
