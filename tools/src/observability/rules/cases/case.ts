/** An alert that is expected to fire at a given time. */
export interface ExpectedAlert {
  /** The labels except `severity` and the rule's own labels. */
  labels?: Record<string, string>;
  /** Which rule of the alert is meant, when the alert has several rules. */
  severity?: string;
  window?: string;
  summary: string;
}

/** Input series (promtool's notation, one value per minute) and the alerts expected at `at`. */
export interface AlertCase {
  series: Record<string, string>;
  at: string;
  expect: ExpectedAlert[];
}

/** A case in which the alert fires, and a case near its limit in which it does not. */
export interface AlertCases {
  fires: AlertCase;
  silent: AlertCase;
  /** Further cases, by what they show. */
  more?: Readonly<Record<string, AlertCase>>;
}

/** A request to one of the ranking endpoints. */
export const rank = 'method="POST",endpoint="/v1/rerank"';

/** The counter of ranking requests that were answered with the status code. */
export const requests = (code: number) => `reranker_requests_total{${rank},code="${code}"}`;

/** Cases of an alert on a gauge: it fires at one constant value and stays silent at another. */
export function gauge(name: string, { fires, silent, at = '10m' }: { fires: number; silent: number; at?: string }) {
  return (...expect: ExpectedAlert[]): AlertCases => ({
    fires: { series: { [name]: `${fires}x60` }, at, expect },
    silent: { series: { [name]: `${silent}x60` }, at, expect: [] },
  });
}

/** Cases of an alert on a counter: it fires when the counter rises by one per minute, and not when it is constant. */
export function counter(name: string, at = '10m') {
  return (...expect: ExpectedAlert[]): AlertCases => ({
    fires: { series: { [name]: '0+1x60' }, at, expect },
    silent: { series: { [name]: '7x60' }, at, expect: [] },
  });
}
