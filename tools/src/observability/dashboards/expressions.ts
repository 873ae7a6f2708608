import type { Question } from './panels';

/** Window of a rate. Grafana adapts it to the resolution of the panel and to the scrape interval. */
export const window = '$__rate_interval';

/** Matchers for Grafana's variables. Each matches every series while "All" is selected. */
export const selected = {
  model: 'model=~"$model"',
  queue: 'queue=~"$queue"',
  instance: 'instance=~"$instance"',
  host: 'instance=~"$host"',
} as const;

/** Growth of a counter per second, summed over all series or grouped by the labels `by`. */
export function rateSum(series: string, by?: string, over = window): string {
  return `${sumBy(by)} (rate(${series}[${over}]))`;
}

/** Ratio of two sums without labels, 0 to 1. It is 0, not empty, when `part` has no series or `whole` is 0. */
export function share(part: string, whole: string): string {
  return `(${part} or 0 * ${whole}) / clamp_min(${whole}, 1e-9)`;
}

/** Amount per event, such as seconds per job; 0 while there are no events. */
export function perEvent(amount: string, events: string): string {
  return `${amount} / clamp_min(${events}, 1e-9)`;
}

/** Mean of a histogram in the window, from its sum and count; NaN while there are no observations. */
export function mean(histogram: string, matchers: string, over = window): string {
  const rate = (suffix: string) => rateSum(`${histogram}_${suffix}{${matchers}}`, undefined, over);
  return `${rate('sum')} / ${rate('count')}`;
}

/** Quantile over all series of a histogram. It sums the buckets first, because quantiles cannot be averaged. */
export function quantile(rank: number, histogram: string, matchers: string): string {
  return `histogram_quantile(${rank}, ${rateSum(`${histogram}_bucket{${matchers}}`, 'le')})`;
}

/** One line per rank, with links to traces. */
export function quantiles(ranks: readonly number[], histogram: string, matchers: string): Question[] {
  return ranks.map((rank) => ({
    expr: quantile(rank, histogram, matchers),
    legend: `p${rank * 100}`,
    exemplars: true,
  }));
}

/** The largest value per combination of the labels `by`, which name the line after `prefix`. */
export function highestBy(by: string, series: string, prefix = ''): Question {
  return { expr: `max by (${by}) (${series})`, legend: prefix + labelValues(by) };
}

/** Growth of a counter per second for each combination of the labels `by`, which name the line after `prefix`. */
export function rateBy(by: string, series: string, prefix = ''): Question {
  return { expr: rateSum(series, by), legend: prefix + labelValues(by) };
}

/** Every exporter reports the same queue, so several exporters are combined by `max`, never by `sum`. */
export const perQueue = (metric: string) => `max by (queue) (${metric}{${selected.queue}})`;

/** Seconds that the workers need for all admitted requests without an answer, by queue. */
export const backlog = `${perQueue('reranker_queue_in_flight_tokens')} / clamp_min(${perQueue('reranker_queue_tokens_per_second')}, 1)`;

/** Age in seconds of the job that has waited longest, by queue. */
export const oldestWaiting = perQueue('reranker_queue_oldest_waiting_seconds');

/** Growth of each bucket per step of a heat map. */
export function bucketsOverTime(histogram: string, matchers: string): string {
  return `sum by (le) (increase(${histogram}_bucket{${matchers}}[${window}]))`;
}

/** Growth of each bucket in the whole time range of the dashboard. */
export function bucketsOfRange(histogram: string, matchers: string): string {
  return `sum by (le) (increase(${histogram}_bucket{${matchers}}[$__range]))`;
}

/** `{{a}} {{b}}` for the labels `a, b`. */
function labelValues(by: string): string {
  return by
    .split(', ')
    .map((label) => `{{${label}}}`)
    .join(' ');
}

function sumBy(by: string | undefined): string {
  return by === undefined ? 'sum' : `sum by (${by})`;
}
