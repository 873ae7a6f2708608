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
}

const rank = 'method="POST",endpoint="/v1/rerank"';
const requests = (code: number) => `reranker_requests_total{${rank},code="${code}"}`;
const durationSum = `reranker_request_duration_seconds_sum{${rank},code="200"}`;
const durationCount = `reranker_request_duration_seconds_count{${rank},code="200"}`;
const durationBucket = (le: string) => `reranker_request_duration_seconds_bucket{${rank},code="200",le="${le}"}`;
const queue = { queue: 'e5@1' };
const gpu = 'gpu="0",uuid="GPU-a"';

/** A gauge: fires with one constant, stays silent with another. */
function gauge(name: string, { fires, silent, at = '10m' }: { fires: number; silent: number; at?: string }) {
  return (...expect: ExpectedAlert[]): AlertCases => ({
    fires: { series: { [name]: `${fires}x60` }, at, expect },
    silent: { series: { [name]: `${silent}x60` }, at, expect: [] },
  });
}

/** A counter that rises by one every minute, or not at all. */
function counter(name: string, at = '10m') {
  return (...expect: ExpectedAlert[]): AlertCases => ({
    fires: { series: { [name]: '0+1x60' }, at, expect },
    silent: { series: { [name]: '7x60' }, at, expect: [] },
  });
}

function everyWindow(what: string, share: string): ExpectedAlert[] {
  return [
    { severity: 'page', window: '1h' },
    { severity: 'page', window: '6h' },
    { severity: 'ticket', window: '1d' },
    { severity: 'ticket', window: '3d' },
  ].map((each) => ({ ...each, summary: `${share} ${what} in the last ${each.window}.` }));
}

const burns: Record<string, AlertCases> = {
  RerankerAvailabilityBurn: {
    fires: {
      series: { [requests(200)]: '0+90x300', [requests(503)]: '0+10x300' },
      at: '4h',
      expect: everyWindow('of the ranking requests failed', '10%'),
    },
    // 0.09 % fail, and any number of callers' own mistakes and refusals are no fault of ours
    silent: {
      series: { [requests(200)]: '0+9991x300', [requests(500)]: '0+9x300', [requests(429)]: '0+5000x300' },
      at: '4h',
      expect: [],
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
    // 4 % are slow, with the edge as Prometheus 3 writes it
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

const thresholds: Record<string, AlertCases> = {
  RerankerErrorRateHigh: {
    fires: {
      series: { [requests(200)]: '0+90x60', [requests(500)]: '0+10x60' },
      at: '15m',
      expect: [{ summary: '10% of the ranking requests fail.' }],
    },
    silent: { series: { [requests(200)]: '0+96x60', [requests(500)]: '0+4x60' }, at: '15m', expect: [] },
  },
  RerankerResponseSlow: {
    fires: {
      series: { [durationSum]: '0+40x60', [durationCount]: '0+10x60' },
      at: '15m',
      expect: [{ summary: 'A ranking takes 4s on average.' }],
    },
    silent: { series: { [durationSum]: '0+29x60', [durationCount]: '0+10x60' }, at: '15m', expect: [] },
  },
  RerankerGpuMemoryHigh: gpuMemory(0.92, 0.89, '92%'),
  RerankerGpuMemoryFull: gpuMemory(0.97, 0.94, '97%'),
};

/** Two workers see the same device, which is one alert. */
function gpuMemory(fires: number, silent: number, share: string): AlertCases {
  const series = (used: number) =>
    Object.fromEntries(
      ['a:1', 'b:1'].flatMap((instance) => [
        [`reranker_gpu_memory_usage_bytes{${gpu},instance="${instance}"}`, `${used * 1000}x60`],
        [`reranker_gpu_memory_total_bytes{${gpu},instance="${instance}"}`, '1000x60'],
      ]),
    );
  const summary = `GPU GPU-a has ${share} of its memory in use.`;
  return {
    fires: { series: series(fires), at: '20m', expect: [{ labels: { uuid: 'GPU-a' }, summary }] },
    silent: { series: series(silent), at: '20m', expect: [] },
  };
}

const golden = 'job="reranker-quality-probe",instance="p:1",model="e5",language="zh"';
const goldenLabels = { job: 'reranker-quality-probe', instance: 'p:1', model: 'e5', language: 'zh' };
const goldenQueries = (outcome: string) => `reranker_quality_queries_total{model="e5",outcome="${outcome}"}`;

const quality: Record<string, AlertCases> = {
  RerankerQualityFell: {
    fires: {
      series: {
        [`reranker_quality_ndcg{${golden}}`]: '0.7x60',
        [`reranker_quality_baseline_ndcg{${golden}}`]: '0.85x60',
      },
      at: '10m',
      expect: [
        {
          labels: goldenLabels,
          summary: 'e5 ranks its zh golden queries at nDCG 0.70, well below its baseline.',
        },
      ],
    },
    silent: {
      series: {
        [`reranker_quality_ndcg{${golden}}`]: '0.81x60',
        [`reranker_quality_baseline_ndcg{${golden}}`]: '0.85x60',
      },
      at: '10m',
      expect: [],
    },
  },
  RerankerScoreDrift: gauge(`reranker_quality_score_drift{${golden}}`, { fires: 0.5, silent: 0.2 })({
    labels: goldenLabels,
    summary: 'The scores of e5 on its zh golden queries moved (PSI 0.50).',
  }),
  RerankerProbeStale: {
    fires: {
      series: { 'reranker_quality_last_round_timestamp_seconds{model="e5"}': '0x180' },
      at: '2h',
      expect: [
        { labels: { model: 'e5' }, summary: 'The last whole round of golden queries for e5 ended 2h 0m 0s ago.' },
      ],
    },
    silent: {
      series: { 'reranker_quality_last_round_timestamp_seconds{model="e5"}': '6000x180' },
      at: '2h',
      expect: [],
    },
  },
  RerankerProbeFailing: {
    fires: {
      series: { [goldenQueries('answered')]: '0+8x60', [goldenQueries('failed')]: '0+2x60' },
      at: '30m',
      expect: [{ labels: { model: 'e5' }, summary: '20% of the golden queries to e5 get no ranking.' }],
    },
    silent: {
      series: { [goldenQueries('answered')]: '0+95x60', [goldenQueries('failed')]: '0+5x60' },
      at: '30m',
      expect: [],
    },
  },
};

const queues: Record<string, AlertCases> = {
  RerankerQueueNotDraining: gauge('reranker_queue_oldest_waiting_seconds{queue="e5@1"}', { fires: 45, silent: 29 })({
    labels: queue,
    summary: 'The oldest job of e5@1 has waited 45s.',
  }),
  RerankerQueuePaused: gauge('reranker_queue_paused{queue="e5@1"}', { fires: 1, silent: 0, at: '20m' })({
    labels: queue,
    summary: 'e5@1 has been paused for ten minutes.',
  }),
  RerankerQueueExporterStale: gauge('reranker_queue_exporter_up', { fires: 0, silent: 1 })({
    summary: 'The queue board does not get through to Redis; the figures of the queues are old.',
  }),
  RerankerOverloaded: {
    fires: {
      series: {
        [requests(200)]: '0+90x60',
        [requests(429)]: '0+10x60',
        'reranker_rejected_total{reason="queue_full"}': '0+10x60',
      },
      at: '15m',
      expect: [{ summary: '10% of the requests are refused because the fleet is full.' }],
    },
    silent: {
      series: {
        [requests(200)]: '0+96x60',
        [requests(429)]: '0+4x60',
        'reranker_rejected_total{reason="queue_full"}': '0+4x60',
      },
      at: '15m',
      expect: [],
    },
  },
};

const workers: Record<string, AlertCases> = {
  RerankerNoReadyWorker: {
    // one worker is not ready, and the other one's series has ended
    fires: {
      series: {
        'reranker_model_ready{model="e5",instance="a:1"}': '0x60',
        'reranker_model_ready{model="e5",instance="b:1"}': '1x2 stale',
      },
      at: '10m',
      expect: [{ summary: 'No worker is ready.' }],
    },
    silent: {
      series: {
        'reranker_model_ready{model="e5",instance="a:1"}': '0x60',
        'reranker_model_ready{model="e5",instance="b:1"}': '1x60',
      },
      at: '10m',
      expect: [],
    },
  },
  RerankerRequestsWithoutWorker: {
    fires: {
      series: { 'reranker_rejected_total{reason="no_worker"}': '0+60x60' },
      at: '10m',
      expect: [{ summary: '1 requests a second ask for a model that has no worker.' }],
    },
    silent: { series: { 'reranker_rejected_total{reason="no_worker"}': '7x60' }, at: '10m', expect: [] },
  },
  RerankerJobsStalled: counter(
    'reranker_jobs_stalled_total{queue="e5@1"}',
    '20m',
  )({
    labels: queue,
    summary: 'Jobs of e5@1 were left by a worker that died or hung.',
  }),
  RerankerJobsFailed: counter(
    'reranker_jobs_total{queue="e5@1",outcome="failed"}',
    '20m',
  )({
    labels: queue,
    summary: 'Jobs of e5@1 failed by a fault of ours.',
  }),
  RerankerBatchesSplit: counter(
    'reranker_batch_splits_total{model="e5"}',
    '20m',
  )({
    labels: { model: 'e5' },
    summary: 'Batches of e5 did not fit the memory of the device.',
  }),
};

const devices: Record<string, AlertCases> = {
  RerankerGpuXid: counter(
    `reranker_gpu_xid_errors_total{${gpu}}`,
    '20m',
  )({
    labels: { uuid: 'GPU-a' },
    summary: 'The driver reported an Xid error of GPU GPU-a.',
  }),
  RerankerGpuXidDcgm: {
    fires: {
      series: { 'DCGM_FI_DEV_XID_ERRORS{UUID="GPU-a"}': '0x5 79x60' },
      at: '10m',
      expect: [{ labels: { UUID: 'GPU-a' }, summary: 'DCGM reports Xid error 79 of GPU GPU-a.' }],
    },
    // DCGM keeps the last number: an old one is no news
    silent: { series: { 'DCGM_FI_DEV_XID_ERRORS{UUID="GPU-a"}': '79x60' }, at: '20m', expect: [] },
  },
  RerankerGpuHot: gauge(`reranker_gpu_temperature_celsius{${gpu}}`, { fires: 90, silent: 84 })({
    labels: { uuid: 'GPU-a' },
    summary: 'GPU GPU-a has 90 degrees Celsius.',
  }),
};

const redis: Record<string, AlertCases> = {
  RerankerRedisDown: gauge('redis_up{instance="r:1"}', { fires: 0, silent: 1 })({
    summary: 'Redis does not answer its exporter.',
  }),
  RerankerRedisAway: {
    fires: {
      series: { 'reranker_rejected_total{reason="redis_away"}': '0+120x60' },
      at: '10m',
      expect: [{ summary: '2 requests a second are refused because a gateway does not reach Redis.' }],
    },
    silent: { series: { 'reranker_rejected_total{reason="redis_away"}': '7x60' }, at: '10m', expect: [] },
  },
  RerankerRedisEvicts: {
    fires: {
      series: { 'redis_evicted_keys_total{instance="r:1"}': '0+10x60' },
      at: '20m',
      expect: [{ summary: 'Redis threw 100 keys away to make room.' }],
    },
    silent: { series: { 'redis_evicted_keys_total{instance="r:1"}': '7x60' }, at: '20m', expect: [] },
  },
  RerankerRedisMemoryHigh: {
    fires: {
      series: {
        'redis_memory_used_bytes{instance="r:1"}': '900x60',
        'redis_memory_max_bytes{instance="r:1"}': '1000x60',
      },
      at: '20m',
      expect: [{ labels: { instance: 'r:1' }, summary: 'Redis has 90% of its memory in use.' }],
    },
    // without a limit there is no share of it
    silent: {
      series: { 'redis_memory_used_bytes{instance="r:1"}': '900x60', 'redis_memory_max_bytes{instance="r:1"}': '0x60' },
      at: '20m',
      expect: [],
    },
  },
};

const place = { job: 'reranker-gateway', instance: 'g:1' };
const placed = 'job="reranker-gateway",instance="g:1"';
const others = ['worker', 'queue-board', 'quality-probe'].map((app) => `up{job="reranker-${app}",instance="x:1"}`);
const up = (names: string[]) => Object.fromEntries(names.map((name) => [name, '1x60']));

const processes: Record<string, AlertCases> = {
  RerankerTargetDown: gauge(`up{${placed}}`, { fires: 0, silent: 1 })({
    labels: place,
    summary: 'reranker-gateway at g:1 does not answer.',
  }),
  RerankerMetricsAbsent: {
    fires: {
      series: up(others),
      at: '10m',
      expect: [{ labels: { job: 'reranker-gateway', app: 'gateway' }, summary: 'Prometheus knows no gateway at all.' }],
    },
    // a target that is down is known
    silent: { series: { ...up(others), [`up{${placed}}`]: '0x60' }, at: '10m', expect: [] },
  },
  RerankerEventLoopBlocked: gauge(`nodejs_eventloop_lag_p99_seconds{${placed}}`, {
    fires: 0.75,
    silent: 0.4,
    at: '20m',
  })({
    labels: place,
    summary: 'reranker-gateway at g:1 keeps its event loop busy for 750ms.',
  }),
  RerankerContainerMemoryHigh: {
    fires: {
      series: {
        [`reranker_container_memory_usage_bytes{${placed}}`]: '95x60',
        [`reranker_container_memory_limit_bytes{${placed}}`]: '100x60',
      },
      at: '20m',
      expect: [{ labels: place, summary: 'reranker-gateway at g:1 uses 95% of its memory limit.' }],
    },
    silent: {
      series: {
        [`reranker_container_memory_usage_bytes{${placed}}`]: '89x60',
        [`reranker_container_memory_limit_bytes{${placed}}`]: '100x60',
      },
      at: '20m',
      expect: [],
    },
  },
};

const monitoring: Record<string, AlertCases> = {
  RerankerNotificationsFailing: {
    fires: {
      series: { 'alertmanager_notifications_failed_total{integration="slack"}': '0+60x60' },
      at: '20m',
      expect: [{ summary: 'Alertmanager cannot deliver 1 notices a second.' }],
    },
    silent: {
      series: { 'alertmanager_notifications_failed_total{integration="slack"}': '3x60' },
      at: '20m',
      expect: [],
    },
  },
  RerankerAlertsDropped: counter(
    'prometheus_notifications_dropped_total',
    '30m',
  )({
    summary: 'Prometheus could not hand 10 alerts to Alertmanager.',
  }),
  RerankerRulesFailing: counter(
    'prometheus_rule_evaluation_failures_total{rule_group="a"}',
    '30m',
  )({
    summary: '10 evaluations of rules failed in ten minutes.',
  }),
};

/** Every alert but the Watchdog, which cannot stay silent. */
export const alertCases: Readonly<Record<string, AlertCases>> = {
  ...burns,
  ...thresholds,
  ...quality,
  ...queues,
  ...workers,
  ...devices,
  ...redis,
  ...processes,
  ...monitoring,
};
