import { gpuGroup } from './gpu';
import type { AlertRule, RuleGroup } from './rule';

const apps = ['gateway', 'worker', 'queue-board', 'quality-probe'];

const queueRules: AlertRule[] = [
  {
    alert: 'RerankerQueueNotDraining',
    when: [{ value: 'max by (queue) (reranker_queue_oldest_waiting_seconds)', operator: '>', limit: 30 }],
    for: '2m',
    severity: 'page',
    summary: 'The oldest job of {{ $labels.queue }} has waited {{ $value | humanizeDuration }}.',
    description:
      'Users wait at least as long. Check that workers are ready and take jobs. If they do, there is too much load.',
  },
  {
    alert: 'RerankerQueuePaused',
    when: [{ value: 'max by (queue) (reranker_queue_paused)', operator: '==', limit: 1 }],
    for: '10m',
    severity: 'ticket',
    summary: '{{ $labels.queue }} has been paused for ten minutes.',
    description: 'Requests are accepted and time out. The queue was paused on the queue board or by a command.',
  },
  {
    alert: 'RerankerQueueExporterStale',
    when: [{ value: 'max(reranker_queue_exporter_up)', operator: '==', limit: 0 }],
    for: '2m',
    severity: 'ticket',
    summary: 'The queue board cannot reach Redis; the queue metrics are out of date.',
    description:
      'Either Redis is down, and other alerts fire too, or the network or a login keeps the queue board from Redis.',
  },
  {
    alert: 'RerankerOverloaded',
    when: [
      {
        value:
          'sum(rate(reranker_rejected_total{reason=~"queue_full|gateway_full"}[5m]))' +
          ' / (sum(rate(reranker_requests_total{endpoint=~".*rank.*"}[5m])) > 0)',
        operator: '>',
        limit: 0.05,
      },
    ],
    for: '5m',
    severity: 'ticket',
    summary: '{{ $value | humanizePercentage }} of the requests are refused because the fleet is full.',
    description:
      'The fleet protects itself: requests that it accepts are served in time. queue_full: add workers or reduce the load. gateway_full: large or slow request bodies fill the memory of a gateway.',
  },
];

const workerRules: AlertRule[] = [
  {
    alert: 'RerankerNoReadyWorker',
    when: [{ value: '(sum(reranker_model_ready) or vector(0))', operator: '==', limit: 0 }],
    for: '1m',
    severity: 'page',
    summary: 'No worker is ready.',
    description:
      'Every ranking request is refused with 503. Check whether the workers died, are still loading, or cannot reach Redis.',
  },
  {
    alert: 'RerankerRequestsWithoutWorker',
    when: [{ value: 'sum(rate(reranker_rejected_total{reason="no_worker"}[5m]))', operator: '>', limit: 0 }],
    for: '5m',
    severity: 'ticket',
    summary: '{{ $value | humanize }} requests per second ask for a model that has no worker.',
    description: 'These requests get 503. A model that was served in the last day has lost its last worker.',
  },
  {
    alert: 'RerankerJobsStalled',
    when: [{ value: 'sum by (queue) (increase(reranker_jobs_stalled_total[15m]))', operator: '>', limit: 0 }],
    severity: 'ticket',
    summary:
      'A worker died or hung and left jobs of {{ $labels.queue }}: {{ $value | printf "%.0f" }} in the last 15 minutes.',
    description: 'The jobs were run again, so users only waited longer. Find out which worker restarted, and why.',
  },
  {
    alert: 'RerankerJobsFailed',
    when: [{ value: 'sum by (queue) (increase(reranker_jobs_total{outcome="failed"}[10m]))', operator: '>', limit: 0 }],
    severity: 'ticket',
    summary:
      'Jobs of {{ $labels.queue }} failed with an internal error: {{ $value | printf "%.0f" }} in the last ten minutes.',
    description: 'The callers got 500. The log of the worker names the error and the requests.',
  },
  {
    alert: 'RerankerBatchesSplit',
    when: [{ value: 'sum by (model) (increase(reranker_batch_splits_total[15m]))', operator: '>', limit: 0 }],
    severity: 'ticket',
    summary:
      'Batches of {{ $labels.model }} did not fit into the memory of the device: {{ $value | printf "%.0f" }} in the last 15 minutes.',
    description:
      'The worker split them in two and ran the halves, which costs time. The token budget is too large, or another process uses the device.',
  },
];

const redisRules: AlertRule[] = [
  {
    alert: 'RerankerRedisDown',
    when: [{ value: 'max(redis_up)', operator: '==', limit: 0 }],
    for: '1m',
    severity: 'page',
    summary: 'Redis does not answer its exporter.',
    description:
      'Every ranking request is refused with 503 until Redis is back. Results that were already returned are not affected.',
  },
  {
    alert: 'RerankerRedisAway',
    when: [{ value: 'sum(rate(reranker_rejected_total{reason="redis_away"}[2m]))', operator: '>', limit: 0 }],
    for: '2m',
    severity: 'page',
    summary: '{{ $value | humanize }} requests per second are refused because a gateway cannot reach Redis.',
    description:
      'These requests get 503. Check whether Redis is down, slow or out of memory, or whether the network of one gateway fails.',
  },
  {
    alert: 'RerankerRedisRefuses',
    when: [{ value: 'sum by (reason) (reranker_redis_trouble{reason!="away"})', operator: '>', limit: 0 }],
    for: '1m',
    severity: 'page',
    summary: 'Redis refuses commands of {{ $value | humanize }} gateways or workers with {{ $labels.reason }}.',
    description:
      'These processes are not ready and serve no requests until Redis accepts their commands again. Check for an unfinished failover, full memory or disk, or a changed login.',
  },
  {
    alert: 'RerankerRedisEvicts',
    when: [{ value: 'sum(increase(redis_evicted_keys_total[10m]))', operator: '>', limit: 0 }],
    severity: 'page',
    summary: 'Redis evicted {{ $value | humanize }} keys in the last ten minutes.',
    description: 'Jobs are lost. Set maxmemory-policy noeviction in Redis.',
  },
  {
    alert: 'RerankerRedisPolicyWrong',
    when: [
      {
        value:
          '(max by (instance) (redis_instance_info{maxmemory_policy!="noeviction",maxmemory_policy!=""})' +
          ' or 0 * max by (instance) (redis_instance_info))',
        operator: '>',
        limit: 0,
      },
    ],
    for: '5m',
    severity: 'ticket',
    summary: 'Redis at {{ $labels.instance }} may evict keys: its maxmemory-policy is not noeviction.',
    description: 'When its memory is full, Redis evicts jobs and results without an error.',
  },
  {
    alert: 'RerankerRedisMemoryHigh',
    when: [
      { value: 'redis_memory_used_bytes', operator: '>', limit: '0.8 * redis_memory_max_bytes' },
      { value: 'redis_memory_max_bytes', operator: '>', limit: 0 },
    ],
    for: '5m',
    severity: 'page',
    summary: 'Redis uses {{ $value | humanize1024 }}B of memory, more than 80% of its limit.',
    description: 'When the memory is full, no job can be queued, taken or answered. Find out which keys fill it.',
  },
];

const processRules: AlertRule[] = [
  {
    alert: 'RerankerNoGateway',
    when: [{ value: '(sum(up{job="reranker-gateway"}) or vector(0))', operator: '==', limit: 0 }],
    for: '1m',
    severity: 'page',
    summary: 'No gateway answers.',
    description:
      'Either users get no answer at all, or Prometheus cannot reach the gateways. Send a request to a gateway from outside.',
  },
  {
    alert: 'RerankerTargetDown',
    when: [{ value: 'up{job=~"reranker-.+"}', operator: '==', limit: 0 }],
    for: '1m',
    severity: 'ticket',
    summary: '{{ $labels.job }} at {{ $labels.instance }} does not answer.',
    description: 'The process died, hangs, or cannot be reached. Other processes of the same kind keep working.',
  },
  ...apps.map((app): AlertRule => ({
    alert: 'RerankerMetricsAbsent',
    when: [{ absent: `up{job="reranker-${app}"}` }],
    for: '5m',
    severity: 'ticket',
    // promtool reports rules that differ only in their query as duplicates
    labels: { app },
    summary: `Prometheus has no ${app} among its targets.`,
    description:
      'No such process runs, or Prometheus does not find it under its job name. In that case the alerts on its metrics cannot fire either.',
  })),
  {
    alert: 'RerankerEventLoopBlocked',
    when: [
      {
        value: 'max by (job, instance) (nodejs_eventloop_lag_p99_seconds{job=~"reranker-.+"})',
        operator: '>',
        limit: 0.5,
      },
    ],
    for: '5m',
    severity: 'ticket',
    summary: 'The event loop of {{ $labels.job }} at {{ $labels.instance }} lags by {{ $value | humanizeDuration }}.',
    description:
      'The process answers late and may lose its locks. Likely causes: very large request bodies, or too little CPU.',
  },
  {
    alert: 'RerankerContainerMemoryHigh',
    when: [
      {
        value:
          'max by (job, instance) (reranker_container_memory_usage_bytes)' +
          ' / max by (job, instance) (reranker_container_memory_limit_bytes)',
        operator: '>',
        limit: 0.9,
      },
    ],
    for: '5m',
    severity: 'ticket',
    summary: '{{ $labels.job }} at {{ $labels.instance }} uses {{ $value | humanizePercentage }} of its memory limit.',
    description:
      'At the limit the kernel kills the process. Either the limit is too low, or the memory use keeps growing.',
  },
];

const monitoringRules: AlertRule[] = [
  {
    alert: 'RerankerNotificationsFailing',
    when: [
      { value: 'sum by (integration) (rate(alertmanager_notifications_failed_total[5m]))', operator: '>', limit: 0 },
    ],
    for: '5m',
    severity: 'ticket',
    summary:
      'Alertmanager cannot deliver {{ $value | humanize }} notifications per second by {{ $labels.integration }}.',
    description: 'A receiver does not get its alerts. The log of Alertmanager names the receiver.',
  },
  {
    alert: 'RerankerAlertsDropped',
    when: [{ value: 'sum(increase(prometheus_notifications_dropped_total[5m]))', operator: '>', limit: 0 }],
    for: '5m',
    severity: 'ticket',
    summary: 'Prometheus could not send alerts to Alertmanager: {{ $value | printf "%.0f" }} in the last five minutes.',
    description: 'Check that Alertmanager runs at the address in the configuration of Prometheus.',
  },
  {
    alert: 'RerankerRulesFailing',
    when: [{ value: 'sum(increase(prometheus_rule_evaluation_failures_total[5m]))', operator: '>', limit: 0 }],
    for: '5m',
    severity: 'ticket',
    summary: 'Prometheus failed to evaluate rules: {{ $value | printf "%.0f" }} times in the last five minutes.',
    description:
      'Alerts that depend on these rules may not fire. The rules page of Prometheus shows the rules and the errors.',
  },
  {
    alert: 'Watchdog',
    when: [{ value: 'vector(1)', operator: '==', limit: 1 }],
    severity: 'none',
    summary: 'Alerts are being delivered.',
    description:
      'This alert always fires. When its receiver stops getting it, the receiver must raise an alarm: other alerts are not delivered either.',
  },
];

/** Alerts on common causes of a missed objective. They show the person on call where to begin. */
export const causeGroups: RuleGroup[] = [
  { name: 'reranker-queue', rules: queueRules },
  { name: 'reranker-workers', rules: workerRules },
  gpuGroup,
  { name: 'reranker-redis', rules: redisRules },
  { name: 'reranker-processes', rules: processRules },
  { name: 'reranker-monitoring', rules: monitoringRules },
];
