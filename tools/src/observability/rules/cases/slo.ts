import { type AlertCases, type ExpectedAlert, rank, requests } from './case';

const durationSum = `reranker_request_duration_seconds_sum{${rank},code="200"}`;
const durationCount = `reranker_request_duration_seconds_count{${rank},code="200"}`;
const durationBucket = (le: string) => `reranker_request_duration_seconds_bucket{${rank},code="200",le="${le}"}`;

function everyWindow(what: string, share: string): ExpectedAlert[] {
  return [
    { severity: 'page', window: '1h' },
    { severity: 'page', window: '6h' },
    { severity: 'ticket', window: '1d' },
    { severity: 'ticket', window: '3d' },
  ].map((each) => ({ ...each, summary: `${share} ${what} in the last ${each.window}.` }));
}

/** Cases of the alerts on the burn rate of the error budgets. */
export const burns: Record<string, AlertCases> = {
  RerankerAvailabilityBurn: {
    fires: {
      series: { [requests(200)]: '0+90x300', [requests(503)]: '0+10x300' },
      at: '4h',
      expect: everyWindow('of the ranking requests failed', '10%'),
    },
    // 0.09 % fail; errors of the callers and refusals do not count
    silent: {
      series: { [requests(200)]: '0+9991x300', [requests(500)]: '0+9x300', [requests(429)]: '0+5000x300' },
      at: '4h',
      expect: [],
    },
    more: {
      'stays silent when four of few requests failed': {
        series: { [requests(200)]: '0+0.2x300', [requests(500)]: '0x100 1 2 3 4x200' },
        at: '1h44m',
        expect: [],
      },
    },
  },
  RerankerLatencyBurn: {
    fires: {
      series: {
        [requests(200)]: '0+100x300',
        [durationCount]: '0+100x300',
        [durationBucket('1')]: '0+20x300',
        [durationBucket('2')]: '0+100x300',
      },
      at: '4h',
      expect: everyWindow('of the rankings took longer than 1 s', '80%'),
    },
    // 4 % are slow; the bucket edge is written as in Prometheus 3
    silent: {
      series: {
        [requests(200)]: '0+100x300',
        [durationCount]: '0+100x300',
        [durationBucket('1.0')]: '0+96x300',
        [durationBucket('2.0')]: '0+100x300',
      },
      at: '4h',
      expect: [],
    },
  },
};

/** Cases of the simple thresholds, except GPU memory. */
export const thresholds: Record<string, AlertCases> = {
  RerankerErrorRateHigh: {
    fires: {
      series: { [requests(200)]: '0+90x60', [requests(500)]: '0+10x60' },
      at: '15m',
      expect: [{ summary: '10% of the ranking requests fail.' }],
    },
    silent: { series: { [requests(200)]: '0+96x60', [requests(500)]: '0+4x60' }, at: '15m', expect: [] },
  },
  RerankerResponseSlow: {
    // many fast refusals do not hide the slow rankings
    fires: {
      series: {
        [durationSum]: '0+40x60',
        [durationCount]: '0+10x60',
        [`reranker_request_duration_seconds_sum{${rank},code="429"}`]: '0+1x60',
        [`reranker_request_duration_seconds_count{${rank},code="429"}`]: '0+1000x60',
      },
      at: '15m',
      expect: [{ summary: 'A ranking takes 4s on average.' }],
    },
    silent: { series: { [durationSum]: '0+29x60', [durationCount]: '0+10x60' }, at: '15m', expect: [] },
  },
};
