/** What the fleet promises its users, and how fast it may break that before somebody is woken. */

/** Share of ranking requests that are not answered with a fault of ours (5xx), over {@link budgetDays}. */
export const availabilityObjective = 0.999;

/** Share of answered rankings that are ready within {@link latencyThresholdS}, over {@link budgetDays}. */
export const latencyObjective = 0.95;

/** An edge of the buckets of `reranker_request_duration_seconds`. */
export const latencyThresholdS = 1;

export const budgetDays = 30;

/** Fewer bad requests than this in the long window of an alert say nothing: with little traffic one is a large share. */
export const badRequestsMin = 5;

/** A pair of windows that both must burn the budget faster than allowed: the long one proves it, the short one ends it. */
export interface BurnWindow {
  severity: 'page' | 'ticket';
  long: string;
  short: string;
  /** Times the speed at which the budget would be used up after exactly {@link budgetDays}. */
  burnRate: number;
  /** The alert asks for no larger share than this, whatever the budget: of latency's 5 %, 14.4 times is nearly all. */
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

/** Every window that a ratio is recorded over. */
export const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;

/** Ranking requests, whatever alias they came by. */
export const rankingEndpoints = 'endpoint=~".*rank.*"';

/** The bucket edge of the latency threshold, as Prometheus 2 (`1`) and 3 (`1.0`) write it. */
export const latencyEdge = `le=~"${latencyThresholdS}(\\\\.0)?"`;
