/** Window of a rate that Grafana fits to the resolution of the panel and to the scrape interval. */
export const window = '$__rate_interval';

/** What Grafana's variables select, as matchers; all of them match everything while "All" is selected. */
export const selected = {
  model: 'model=~"$model"',
  queue: 'queue=~"$queue"',
  instance: 'instance=~"$instance"',
  host: 'instance=~"$host"',
} as const;

/** Sum over all series, or over those that share the labels `by`, of a counter's growth a second. */
export function rateSum(series: string, by?: string, over = window): string {
  return `${sumBy(by)} (rate(${series}[${over}]))`;
}

/** Part of a whole, 0 to 1. Both are sums without labels; 0 and not nothing when the part has no series or nothing happened. */
export function share(part: string, whole: string): string {
  return `(${part} or 0 * ${whole}) / clamp_min(${whole}, 1e-9)`;
}

/** One sum for each event of another, such as seconds a job; 0 while nothing happens. */
export function perEvent(amount: string, events: string): string {
  return `${amount} / clamp_min(${events}, 1e-9)`;
}

/** Mean of what a histogram observed in the window, exact from its sum and count; no number while nothing happens. */
export function mean(histogram: string, matchers: string, over = window): string {
  const rate = (suffix: string) => rateSum(`${histogram}_${suffix}{${matchers}}`, undefined, over);
  return `${rate('sum')} / ${rate('count')}`;
}

/** A quantile of all series of a histogram together: bucket by bucket first, as quantiles cannot be averaged. */
export function quantile(rank: number, histogram: string, matchers: string): string {
  return `histogram_quantile(${rank}, ${rateSum(`${histogram}_bucket{${matchers}}`, 'le')})`;
}

/** Growth of each bucket in the step of a heat map. */
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
