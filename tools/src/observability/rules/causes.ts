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
    description: 'Users wait at least as long. Are there workers, are they at work, or is it simply too much?',
  },
  {
    alert: 'RerankerQueuePaused',
    when: [{ value: 'max by (queue) (reranker_queue_paused)', operator: '==', limit: 1 }],
    for: '10m',
    severity: 'ticket',
    summary: '{{ $labels.queue }} has been paused for ten minutes.',
    description: 'Requests are taken in and time out. Somebody paused the queue, on the board or by hand.',
  },
  {
    alert: 'RerankerQueueExporterStale',
    when: [{ value: 'max(reranker_queue_exporter_up)', operator: '==', limit: 0 }],
    for: '2m',
    severity: 'ticket',
    summary: 'The queue board does not get through to Redis; the figures of the queues are old.',
    description: 'Either Redis is away, which others say too, or the board may not reach it.',
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
      'The fleet protects itself: whoever is let in is served in time. queue_full: more workers, or fewer callers. gateway_full: large or slow bodies fill the memory of a gateway.',
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
      'Every ranking is refused with 503. Did the workers die, are they loading, or can they not reach Redis?',
  },
  {
    alert: 'RerankerRequestsWithoutWorker',
    when: [{ value: 'sum(rate(reranker_rejected_total{reason="no_worker"}[5m]))', operator: '>', limit: 0 }],
    for: '5m',
    severity: 'ticket',
    summary: '{{ $value | humanize }} requests a second ask for a model that has no worker.',
    description: 'They get 503. A model that was served in the last day has lost its last worker.',
  },
  {
    alert: 'RerankerJobsStalled',
    when: [{ value: 'sum by (queue) (increase(reranker_jobs_stalled_total[15m]))', operator: '>', limit: 0 }],
    severity: 'ticket',
    summary:
      'A worker that died or hung left jobs of {{ $labels.queue }}: {{ $value | printf "%.0f" }} in the last 15 minutes.',
    description: 'They were taken again, so users only waited. Which worker restarted, and why?',
  },
  {
    alert: 'RerankerJobsFailed',
    when: [{ value: 'sum by (queue) (increase(reranker_jobs_total{outcome="failed"}[10m]))', operator: '>', limit: 0 }],
    severity: 'ticket',
    summary:
      'Jobs of {{ $labels.queue }} failed by a fault of ours: {{ $value | printf "%.0f" }} in the last ten minutes.',
    description: 'Their users got 500. The log of the worker names the fault and the requests.',
  },
  {
    alert: 'RerankerBatchesSplit',
    when: [{ value: 'sum by (model) (increase(reranker_batch_splits_total[15m]))', operator: '>', limit: 0 }],
    severity: 'ticket',
    summary:
      'Batches of {{ $labels.model }} did not fit the memory of the device: {{ $value | printf "%.0f" }} in the last 15 minutes.',
    description:
      'They were cut in two and run, which costs time. The token budget is too large, or another process uses the device.',
  },
];

const redisRules: AlertRule[] = [
  {
    alert: 'RerankerRedisDown',
    when: [{ value: 'max(redis_up)', operator: '==', limit: 0 }],
    for: '1m',
    severity: 'page',
    summary: 'Redis does not answer its exporter.',
    description: 'Every ranking is refused with 503 until it is back; nothing that was answered is lost.',
  },
  {
    alert: 'RerankerRedisAway',
    when: [{ value: 'sum(rate(reranker_rejected_total{reason="redis_away"}[2m]))', operator: '>', limit: 0 }],
    for: '2m',
    severity: 'page',
    summary: '{{ $value | humanize }} requests a second are refused because a gateway does not reach Redis.',
    description: 'They get 503. Is Redis down, slow or out of memory, or is it the network of one gateway?',
  },
  {
    alert: 'RerankerRedisRefuses',
    when: [{ value: 'sum by (reason) (reranker_redis_trouble{reason!="away"})', operator: '>', limit: 0 }],
    for: '1m',
    severity: 'page',
    summary: 'Redis refuses {{ $value | humanize }} gateways or workers with {{ $labels.reason }}.',
    description:
      'They are not ready and serve no request until Redis takes their commands again. A failover that did not finish, a full memory or disk, or a login that was changed?',
  },
  {
    alert: 'RerankerRedisEvicts',
    when: [{ value: 'sum(increase(redis_evicted_keys_total[10m]))', operator: '>', limit: 0 }],
    severity: 'page',
    summary: 'Redis threw {{ $value | humanize }} keys away to make room.',
    description: 'Jobs get lost. Redis must run with maxmemory-policy noeviction.',
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
    description: 'Once its memory is full jobs and answers get lost without an error.',
  },
  {
    alert: 'RerankerRedisMemoryHigh',
    when: [
      { value: 'redis_memory_used_bytes', operator: '>', limit: '0.8 * redis_memory_max_bytes' },
      { value: 'redis_memory_max_bytes', operator: '>', limit: 0 },
    ],
    for: '5m',
    severity: 'page',
    summary: 'Redis has {{ $value | humanize1024 }}B in use, more than 80% of its limit.',
    description: 'When it is full nothing can be queued, taken or answered any more. What fills it?',
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
      'Users get no answer at all, or Prometheus has lost sight of the gateways. Does one answer from outside?',
  },
  {
    alert: 'RerankerTargetDown',
    when: [{ value: 'up{job=~"reranker-.+"}', operator: '==', limit: 0 }],
    for: '1m',
    severity: 'ticket',
    summary: '{{ $labels.job }} at {{ $labels.instance }} does not answer.',
    description: 'It died, hangs, or cannot be reached. The others of its kind go on.',
  },
  ...apps.map((app): AlertRule => ({
    alert: 'RerankerMetricsAbsent',
    when: [{ absent: `up{job="reranker-${app}"}` }],
    for: '5m',
    severity: 'ticket',
    // promtool takes rules that differ in nothing but the query for duplicates
    labels: { app },
    summary: `Prometheus knows no ${app} at all.`,
    description: 'None runs, or none is found under its name: then all that is alerted on is blind too.',
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
    summary:
      '{{ $labels.job }} at {{ $labels.instance }} keeps its event loop busy for {{ $value | humanizeDuration }}.',
    description: 'It answers late and may lose locks. Very large bodies, or too little processor.',
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
    description: 'At the limit the kernel ends it. The limit is too low, or something grows.',
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
    summary: 'Alertmanager cannot deliver {{ $value | humanize }} notices a second by {{ $labels.integration }}.',
    description: 'Somebody does not hear of alerts. Its log names the receiver.',
  },
  {
    alert: 'RerankerAlertsDropped',
    when: [{ value: 'sum(increase(prometheus_notifications_dropped_total[5m]))', operator: '>', limit: 0 }],
    for: '5m',
    severity: 'ticket',
    summary: 'Prometheus could not hand alerts to Alertmanager: {{ $value | printf "%.0f" }} in the last five minutes.',
    description: 'Is Alertmanager up, and at the address that Prometheus was given?',
  },
  {
    alert: 'RerankerRulesFailing',
    when: [{ value: 'sum(increase(prometheus_rule_evaluation_failures_total[5m]))', operator: '>', limit: 0 }],
    for: '5m',
    severity: 'ticket',
    summary: 'Evaluations of rules failed: {{ $value | printf "%.0f" }} in the last five minutes.',
    description: 'An alert may be blind. The rules page of Prometheus shows which and why.',
  },
  {
    alert: 'Watchdog',
    when: [{ value: 'vector(1)', operator: '==', limit: 1 }],
    severity: 'none',
    summary: 'Alerts get through.',
    description:
      'Fires always. A receiver that hears nothing of it raises the alarm: then no other alert gets through either.',
  },
];

/** What usually stands behind a broken promise, so that whoever is woken knows where to begin. */
export const causeGroups: RuleGroup[] = [
  { name: 'reranker-queue', rules: queueRules },
  { name: 'reranker-workers', rules: workerRules },
  gpuGroup,
  { name: 'reranker-redis', rules: redisRules },
  { name: 'reranker-processes', rules: processRules },
  { name: 'reranker-monitoring', rules: monitoringRules },
];
