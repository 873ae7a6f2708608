import { type AlertCases, counter, gauge, requests } from './case';

const queue = { queue: 'e5@1' };

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
    summary: 'The queue board cannot reach Redis; the queue metrics are out of date.',
  }),
  RerankerOverloaded: {
    fires: {
      series: {
        [requests(200)]: '0+90x60',
        [requests(429)]: '0+10x60',
        'reranker_rejected_total{reason="queue_full"}': '0+6x60',
        'reranker_rejected_total{reason="gateway_full"}': '0+4x60',
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
    // one worker is not ready, and the series of the other worker has ended
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
      expect: [{ summary: '1 requests per second ask for a model that has no worker.' }],
    },
    silent: { series: { 'reranker_rejected_total{reason="no_worker"}': '7x60' }, at: '10m', expect: [] },
  },
  RerankerJobsStalled: counter(
    'reranker_jobs_stalled_total{queue="e5@1"}',
    '20m',
  )({
    labels: queue,
    summary: 'A worker died or hung and left jobs of e5@1: 15 in the last 15 minutes.',
  }),
  RerankerJobsFailed: counter(
    'reranker_jobs_total{queue="e5@1",outcome="failed"}',
    '20m',
  )({
    labels: queue,
    summary: 'Jobs of e5@1 failed with an internal error: 10 in the last ten minutes.',
  }),
  RerankerBatchesSplit: counter(
    'reranker_batch_splits_total{model="e5"}',
    '20m',
  )({
    labels: { model: 'e5' },
    summary: 'Batches of e5 did not fit into the memory of the device: 15 in the last 15 minutes.',
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
      expect: [{ summary: '2 requests per second are refused because a gateway cannot reach Redis.' }],
    },
    silent: { series: { 'reranker_rejected_total{reason="redis_away"}': '7x60' }, at: '10m', expect: [] },
  },
  RerankerRedisRefuses: {
    fires: {
      series: {
        'reranker_redis_trouble{instance="g:1",reason="OOM"}': '1x60',
        'reranker_redis_trouble{instance="w:1",reason="OOM"}': '1x60',
        'reranker_redis_trouble{instance="w:1",reason="READONLY"}': '0x60',
      },
      at: '10m',
      expect: [{ labels: { reason: 'OOM' }, summary: 'Redis refuses commands of 2 gateways or workers with OOM.' }],
    },
    silent: {
      series: {
        'reranker_redis_trouble{instance="g:1",reason="away"}': '1x60',
        'reranker_redis_trouble{instance="g:1",reason="OOM"}': '0x60',
      },
      at: '10m',
      expect: [],
    },
  },
  RerankerRedisEvicts: {
    fires: {
      series: { 'redis_evicted_keys_total{instance="r:1"}': '0+10x60' },
      at: '20m',
      expect: [{ summary: 'Redis evicted 100 keys in the last ten minutes.' }],
    },
    silent: { series: { 'redis_evicted_keys_total{instance="r:1"}': '7x60' }, at: '20m', expect: [] },
  },
  RerankerRedisPolicyWrong: {
    fires: {
      series: { 'redis_instance_info{instance="r:1",maxmemory_policy="allkeys-lru"}': '1x60' },
      at: '20m',
      expect: [
        {
          labels: { instance: 'r:1' },
          summary: 'Redis at r:1 may evict keys: its maxmemory-policy is not noeviction.',
        },
      ],
    },
    silent: {
      series: { 'redis_instance_info{instance="r:1",maxmemory_policy="noeviction"}': '1x60' },
      at: '20m',
      expect: [],
    },
  },
  RerankerRedisMemoryHigh: {
    fires: {
      series: {
        'redis_memory_used_bytes{instance="r:1"}': '900x60',
        'redis_memory_max_bytes{instance="r:1"}': '1000x60',
      },
      at: '20m',
      expect: [{ labels: { instance: 'r:1' }, summary: 'Redis uses 900B of memory, more than 80% of its limit.' }],
    },
    silent: {
      series: {
        'redis_memory_used_bytes{instance="r:1"}': '790x60',
        'redis_memory_max_bytes{instance="r:1"}': '1000x60',
      },
      at: '20m',
      expect: [],
    },
    more: {
      'stays silent without a limit': {
        series: {
          'redis_memory_used_bytes{instance="r:1"}': '900x60',
          'redis_memory_max_bytes{instance="r:1"}': '0x60',
        },
        at: '20m',
        expect: [],
      },
    },
  },
};

const gatewayLabels = { job: 'reranker-gateway', instance: 'g:1' };
const gatewayMatchers = 'job="reranker-gateway",instance="g:1"';
const otherTargets = ['worker', 'queue-board', 'quality-probe'].map(
  (app) => `up{job="reranker-${app}",instance="x:1"}`,
);
const up = (names: string[]) => Object.fromEntries(names.map((name) => [name, '1x60']));

const processes: Record<string, AlertCases> = {
  RerankerNoGateway: {
    fires: { series: { [`up{${gatewayMatchers}}`]: '0x60' }, at: '10m', expect: [{ summary: 'No gateway answers.' }] },
    silent: {
      series: { [`up{${gatewayMatchers}}`]: '0x60', 'up{job="reranker-gateway",instance="g:2"}': '1x60' },
      at: '10m',
      expect: [],
    },
    more: {
      'fires when Prometheus finds none': { series: {}, at: '10m', expect: [{ summary: 'No gateway answers.' }] },
    },
  },
  RerankerTargetDown: gauge(`up{${gatewayMatchers}}`, { fires: 0, silent: 1 })({
    labels: gatewayLabels,
    summary: 'reranker-gateway at g:1 does not answer.',
  }),
  RerankerMetricsAbsent: {
    fires: {
      series: up(otherTargets),
      at: '10m',
      expect: [
        {
          labels: { job: 'reranker-gateway', app: 'gateway' },
          summary: 'Prometheus has no gateway among its targets.',
        },
      ],
    },
    // a target that is down still has a series
    silent: { series: { ...up(otherTargets), [`up{${gatewayMatchers}}`]: '0x60' }, at: '10m', expect: [] },
  },
  RerankerEventLoopBlocked: gauge(`nodejs_eventloop_lag_p99_seconds{${gatewayMatchers}}`, {
    fires: 0.75,
    silent: 0.4,
    at: '20m',
  })({
    labels: gatewayLabels,
    summary: 'The event loop of reranker-gateway at g:1 lags by 750ms.',
  }),
  RerankerContainerMemoryHigh: {
    fires: {
      series: {
        [`reranker_container_memory_usage_bytes{${gatewayMatchers}}`]: '95x60',
        [`reranker_container_memory_limit_bytes{${gatewayMatchers}}`]: '100x60',
      },
      at: '20m',
      expect: [{ labels: gatewayLabels, summary: 'reranker-gateway at g:1 uses 95% of its memory limit.' }],
    },
    silent: {
      series: {
        [`reranker_container_memory_usage_bytes{${gatewayMatchers}}`]: '89x60',
        [`reranker_container_memory_limit_bytes{${gatewayMatchers}}`]: '100x60',
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
      expect: [
        {
          labels: { integration: 'slack' },
          summary: 'Alertmanager cannot deliver 1 notifications per second by slack.',
        },
      ],
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
    summary: 'Prometheus could not send alerts to Alertmanager: 5 in the last five minutes.',
  }),
  RerankerRulesFailing: counter(
    'prometheus_rule_evaluation_failures_total{rule_group="a"}',
    '30m',
  )({
    summary: 'Prometheus failed to evaluate rules: 5 times in the last five minutes.',
  }),
};

/** Cases of the alerts on common causes of a missed objective, except GPUs. */
export const causes: Readonly<Record<string, AlertCases>> = {
  ...queues,
  ...workers,
  ...redis,
  ...processes,
  ...monitoring,
};
