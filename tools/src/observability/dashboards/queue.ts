import { type DashboardFacts, type Section, choices, instanceChoice } from './dashboard';
import { badFrom, figure, goodBelow, badBelow, graph, heat, timeline } from './panels';
import {
  backlog,
  bucketsOverTime,
  highestBy,
  oldestWaiting,
  perQueue,
  quantiles,
  rateBy,
  rateSum,
  selected,
} from './expressions';

const workers = instanceChoice('Worker', 'up{job="reranker-worker"}');

const waiting = `sum(max by (queue, state) (reranker_queue_jobs{${selected.queue},state=~"prioritized|waiting"}))`;
const queued = `${selected.queue},${selected.instance}`;
const modelled = `${selected.model},${selected.instance}`;

const now: Section = {
  title: 'Are the jobs being completed?',
  height: 5,
  panels: [
    figure(
      {
        title: 'Waiting jobs',
        description:
          'Jobs that wait for a worker. If the number only grows, there are too few workers or no worker takes jobs.',
        width: 4,
        decimals: 0,
        runbook: 'RerankerQueueNotDraining',
      },
      { expr: waiting, legend: 'waiting' },
    ),
    figure(
      {
        title: 'Oldest waiting job',
        description:
          'Age of the job that has waited longest. From 30 s, users notice: look for workers that are not ready.',
        unit: 's',
        width: 4,
        thresholds: goodBelow(10, 30),
        runbook: 'RerankerQueueNotDraining',
      },
      { expr: `max(${oldestWaiting})`, legend: 'oldest' },
    ),
    figure(
      {
        title: 'Backlog',
        description:
          'Seconds that the workers need for all admitted requests without an answer. From 30 s, new requests are refused: add workers before that.',
        unit: 's',
        width: 4,
        thresholds: goodBelow(10, 30),
        runbook: 'RerankerOverloaded',
      },
      { expr: `max(${backlog})`, legend: 'backlog' },
    ),
    figure(
      {
        title: 'Live workers',
        description:
          'Workers with a recent heartbeat, as reported by the queue board. Without a worker, every request gets 503.',
        width: 3,
        decimals: 0,
        thresholds: badBelow(1),
        runbook: 'RerankerNoReadyWorker',
      },
      { expr: `sum(${perQueue('reranker_queue_workers')})`, legend: 'live' },
    ),
    figure(
      {
        title: 'Ready workers',
        description:
          'Workers whose model is warmed up and whose last run succeeded. If fewer are ready than live, a worker is loading or has a faulty device.',
        width: 3,
        decimals: 0,
        thresholds: badBelow(1),
        runbook: 'RerankerNoReadyWorker',
      },
      { expr: `sum(reranker_model_ready{${modelled}})`, legend: 'ready' },
    ),
    figure(
      {
        title: 'Paused',
        description: 'Whether a queue is paused: jobs are accepted and not run. Resume it on the queue board.',
        unit: 'none',
        width: 3,
        thresholds: badFrom(1),
        texts: { 0: { text: 'no', color: 'green' }, 1: { text: 'PAUSED', color: 'red' } },
        runbook: 'RerankerQueuePaused',
      },
      { expr: `max(${perQueue('reranker_queue_paused')})`, legend: 'paused' },
    ),
    figure(
      {
        title: 'Queue exporter',
        description: 'Whether the queue board can reach Redis. If it cannot, the queue metrics are out of date.',
        unit: 'none',
        width: 3,
        thresholds: badBelow(1),
        texts: { 0: { text: 'STALE', color: 'red' }, 1: { text: 'fresh', color: 'green' } },
        runbook: 'RerankerQueueExporterStale',
      },
      { expr: 'max(reranker_queue_exporter_up)', legend: 'exporter' },
    ),
  ],
};

const queueSection: Section = {
  title: 'Queue',
  panels: [
    graph(
      {
        title: 'Jobs by state',
        description:
          'prioritized and waiting jobs wait for a worker, and active jobs are running. failed jobs stay visible on the queue board for an hour.',
        stacked: true,
      },
      highestBy('queue, state', `reranker_queue_jobs{${selected.queue}}`),
    ),
    graph(
      {
        title: 'Oldest waiting job',
        description:
          'Age of the job that has waited longest, by queue. A straight rising line means that no job is taken.',
        unit: 's',
        thresholds: badFrom(30),
        runbook: 'RerankerQueueNotDraining',
      },
      { expr: oldestWaiting, legend: '{{queue}}' },
    ),
    graph(
      {
        title: 'Backlog',
        description:
          'In-flight tokens divided by the throughput of the workers, by queue: the time until the queue is empty.',
        unit: 's',
        thresholds: badFrom(30),
        runbook: 'RerankerOverloaded',
      },
      { expr: backlog, legend: '{{queue}}' },
    ),
    graph(
      {
        title: 'In-flight tokens',
        description:
          'Estimated tokens of admitted requests without an answer. Admission compares this number with its limit.',
      },
      { expr: perQueue('reranker_queue_in_flight_tokens'), legend: '{{queue}}' },
    ),
    graph(
      {
        title: 'Throughput of the workers',
        description:
          'Total tokens per second that the live workers measured. A drop with the same number of workers means slower machines, throttling, or longer texts.',
        unit: 'si:tokens/s',
      },
      { expr: perQueue('reranker_queue_tokens_per_second'), legend: '{{queue}}' },
    ),
    graph(
      {
        title: 'Quantiles of the queue wait',
        description: 'Time within which 50 %, 95 % and 99 % of the jobs were taken. Dots link to traces.',
        unit: 's',
      },
      ...quantiles([0.5, 0.95, 0.99], 'reranker_queue_wait_seconds', queued),
    ),
    heat(
      {
        title: 'Queue wait over time',
        description:
          'Jobs by the time until a worker took them. A rising band means that jobs arrive faster than they are completed.',
        unit: 's',
        width: 24,
      },
      bucketsOverTime('reranker_queue_wait_seconds', queued),
    ),
  ],
};

const jobs: Section = {
  title: 'Jobs',
  panels: [
    graph(
      {
        title: 'Jobs by outcome',
        description:
          'Jobs that ended per second. failed means a fault of the fleet. cancelled and expired mean that callers stopped waiting: check the queue wait.',
        unit: 'suffix: jobs/s',
        stacked: true,
        runbook: 'RerankerJobsFailed',
      },
      rateBy('outcome', `reranker_jobs_total{${queued}}`),
    ),
    graph(
      {
        title: 'Stalled and repeated jobs',
        description:
          'Jobs that lost their worker, and jobs that were taken again. Any value above 0 means that a worker died or hung: find out which, and why.',
        unit: 'suffix: jobs/s',
        runbook: 'RerankerJobsStalled',
      },
      { expr: rateSum(`reranker_jobs_stalled_total{${queued}}`, 'queue'), legend: '{{queue}} stalled' },
      { expr: rateSum(`reranker_job_retries_total{${queued}}`, 'queue'), legend: '{{queue}} repeated' },
    ),
    graph(
      {
        title: 'Dropped documents and split batches',
        description:
          'Documents that were not scored because the caller no longer waited, and batches that were split in two for lack of memory. Drops follow a long queue wait. Splits mean that the token budget was too large: it falls, and rises again with calls that fit.',
        unit: 'cps',
        runbook: 'RerankerBatchesSplit',
      },
      rateBy('reason', `reranker_dropped_documents_total{${modelled}}`, 'dropped: '),
      { expr: rateSum(`reranker_batch_splits_total{${modelled}}`), legend: 'split batches' },
    ),
  ],
};

const workerSection: Section = {
  title: 'Workers',
  panels: [
    timeline(
      {
        title: 'Ready',
        description:
          'Times at which each worker was ready. A gap: the worker did not run. Red: it was loading, or its last run failed.',
        unit: 'none',
        width: 12,
        texts: { 0: { text: 'not ready', color: 'red' }, 1: { text: 'ready', color: 'green' } },
        runbook: 'RerankerNoReadyWorker',
      },
      highestBy('model, instance', `reranker_model_ready{${modelled}}`),
    ),
    graph(
      {
        title: 'Session utilisation',
        description:
          'Share of the time in which the inference sessions of each worker were running. Near 100 % with a backlog: add workers. Low with a backlog: something else is the bottleneck, such as Redis or tokenisation.',
        unit: 'percentunit',
        width: 12,
        max: 1,
      },
      {
        expr: `sum by (instance) (rate(reranker_inference_duration_seconds_sum{${modelled}}[$__rate_interval])) / sum by (instance) (reranker_model_sessions{${modelled}})`,
        legend: '{{instance}}',
      },
    ),
    graph(
      {
        title: 'Token budget',
        description:
          'Tokens per model run, padding included, that each worker allows now. It is found when the worker starts, unless TOKEN_BUDGET sets it. A line that falls and rises again: runs did not fit into memory.',
        unit: 'si:tokens',
        width: 12,
        runbook: 'RerankerBatchesSplit',
      },
      { expr: `reranker_batch_budget_tokens{${modelled}}`, legend: '{{instance}}' },
    ),
    graph(
      {
        title: 'Tokens by worker',
        description:
          'Tokens of queries and documents that each worker processed, without padding. A worker far below similar workers has a slow machine, or shares it with another process.',
        unit: 'si:tokens/s',
        width: 12,
      },
      rateBy('instance', `reranker_tokens_total{${modelled},kind!="padding"}`),
    ),
    graph(
      {
        title: 'Documents by worker',
        description:
          'Documents that each worker scored per second. Uneven lines with a backlog mean that a worker is stuck.',
        unit: 'suffix: docs/s',
        width: 12,
      },
      rateBy('instance', `reranker_score_distribution_count{${modelled}}`),
    ),
  ],
};

const redis: Section = {
  title: 'Redis',
  height: 7,
  panels: [
    figure(
      {
        title: 'Redis answers',
        description: 'Whether Redis answers its exporter. If it does not, every request gets 503 until Redis is back.',
        unit: 'none',
        width: 3,
        thresholds: badBelow(1),
        texts: { 0: { text: 'DOWN', color: 'red' }, 1: { text: 'up', color: 'green' } },
        runbook: 'RerankerRedisDown',
      },
      { expr: 'min(redis_up)', legend: 'up' },
    ),
    graph(
      {
        title: 'Processes without Redis',
        description:
          'Gateways and workers that cannot use Redis, by reason. away: Redis does not answer. Any other reason is the error with which Redis refuses commands: these processes serve no requests until it is fixed.',
        width: 5,
        stacked: true,
        runbook: 'RerankerRedisRefuses',
      },
      { expr: 'sum by (reason) (reranker_redis_trouble)', legend: '{{reason}}' },
    ),
    graph(
      {
        title: 'Memory of Redis',
        description:
          'Used memory divided by maxmemory; 0 if no limit is set. A full Redis accepts no more jobs: find out what fills it before it reaches 80 %.',
        unit: 'percentunit',
        width: 4,
        max: 1,
        thresholds: badFrom(0.8),
        runbook: 'RerankerRedisMemoryHigh',
      },
      {
        expr: 'redis_memory_used_bytes / (redis_memory_max_bytes > 0) or 0 * redis_memory_used_bytes',
        legend: '{{instance}}',
      },
    ),
    graph(
      {
        title: 'Clients',
        description: 'Connections to Redis. Each gateway and worker has a few. A steady rise is a connection leak.',
        width: 4,
      },
      { expr: 'redis_connected_clients', legend: '{{instance}}' },
    ),
    graph(
      {
        title: 'Commands',
        description: 'Commands that Redis ran per second. A jump without more requests means that a client polls.',
        unit: 'ops',
        width: 4,
      },
      { expr: 'rate(redis_commands_processed_total[$__rate_interval])', legend: '{{instance}}' },
    ),
    graph(
      {
        title: 'Evicted keys',
        description:
          'Keys that Redis evicted to free memory. It must be 0, because jobs are lost: set maxmemory-policy noeviction.',
        unit: 'cps',
        width: 4,
        runbook: 'RerankerRedisEvicts',
      },
      { expr: 'rate(redis_evicted_keys_total[$__rate_interval])', legend: '{{instance}}' },
    ),
  ],
};

/** Queues, workers and Redis. */
export const queue: DashboardFacts = {
  uid: 'reranker-queue',
  title: 'Reranker: queue and workers',
  description: 'Are the jobs being completed, how long do they wait, and what does each worker do?',
  choices: [choices.model, choices.queue, workers],
  sections: [now, queueSection, jobs, workerSection, redis],
};
