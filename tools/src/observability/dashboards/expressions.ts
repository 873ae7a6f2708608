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

/** Growth of each bucket per step of a heat map. */
export function bucketsOverTime(histogram: string, matchers: string): string {
  return `sum by (le) (increase(${histogram}_bucket{${matchers}}[${window}]))`;
}

/** Growth of each bucket in the whole time range of the dashboard. */
export function bucketsOfRange(histogram: string, matchers: string): string {
  return `sum by (le) (increase(${histogram}_bucket{${matchers}}[$__range]))`;
}

function sumBy(by: string | undefined): string {
  return by === undefined ? 'sum' : `sum by (${by})`;
}
