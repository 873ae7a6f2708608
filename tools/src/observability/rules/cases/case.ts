/** What an alert is expected to say at a moment. */
export interface ExpectedAlert {
  /** All but `severity` and the rule's own labels. */
  labels?: Record<string, string>;
  /** Only alerts of this severity and window, where an alert has several rules. */
  severity?: string;
  window?: string;
  summary: string;
}

/** Series (in promtool's notation, one value a minute) and what the alert makes of them. */
export interface AlertCase {
  series: Record<string, string>;
  at: string;
  expect: ExpectedAlert[];
}

/** A case in which an alert fires, and one near its limit in which it stays silent. */
export interface AlertCases {
  fires: AlertCase;
  silent: AlertCase;
  /** Further ones, by what they promise. */
  more?: Readonly<Record<string, AlertCase>>;
}
/** A request to one of the ranking endpoints. */
export const rank = 'method="POST",endpoint="/v1/rerank"';

/** The ranking requests that were answered so. */
export const requests = (code: number) => `reranker_requests_total{${rank},code="${code}"}`;

/** A gauge: fires with one constant, stays silent with another. */
export function gauge(name: string, { fires, silent, at = '10m' }: { fires: number; silent: number; at?: string }) {
  return (...expect: ExpectedAlert[]): AlertCases => ({
    fires: { series: { [name]: `${fires}x60` }, at, expect },
    silent: { series: { [name]: `${silent}x60` }, at, expect: [] },
  });
}

/** A counter that rises by one every minute, or not at all. */
export function counter(name: string, at = '10m') {
  return (...expect: ExpectedAlert[]): AlertCases => ({
    fires: { series: { [name]: '0+1x60' }, at, expect },
    silent: { series: { [name]: '7x60' }, at, expect: [] },
  });
}
