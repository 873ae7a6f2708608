import { type Choice, type DashboardFacts, type Section, choices, englishWords } from './dashboard';
import { badFrom, figure, goodBelow, badBelow, graph, heat, timeline } from './panels';
import { bucketsOverTime, quantile, rateSum, selected } from './expressions';

const workers: Choice = {
  name: 'instance',
  label: 'Worker',
  query: 'label_values(up{job="reranker-worker"}, instance)',
};

/** The backlog is the same whoever exports it: the largest, never the sum, should two exporters run. */
const perQueue = (metric: string, matchers = '') =>
  `max by (queue) (${metric}{${[selected.queue, matchers].filter(Boolean).join(',')}})`;
const waiting = `sum(max by (queue, state) (reranker_queue_jobs{${selected.queue},state=~"prioritized|waiting"}))`;
const backlog = `${perQueue('reranker_queue_in_flight_tokens')} / clamp_min(${perQueue('reranker_queue_tokens_per_second')}, 1)`;
const oldest = perQueue('reranker_queue_oldest_waiting_seconds');
const queued = `${selected.queue},${selected.instance}`;
const modelled = `${selected.model},${selected.instance}`;

const now: Section = {
  title: 'Is the work getting done?',
  height: 5,
  panels: [
    figure(
      {
        title: 'Waiting jobs',
        description:
          'Jobs that wait for a worker. A number that only grows: there are too few workers, or none takes jobs.',
        unit: 'short',
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
          'Age of the job that has waited longest. From 30 s on users notice: look for workers that are not ready.',
        unit: 's',
        width: 4,
        thresholds: goodBelow(10, 30),
        runbook: 'RerankerQueueNotDraining',
      },
      { expr: `max(${oldest})`, legend: 'oldest' },
    ),
    figure(
      {
        title: 'Backlog',
        description:
          'Seconds that the workers need for all that is admitted and not answered. From 30 s new requests are refused: add workers before that.',
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
        description: 'Workers whose heartbeat is fresh, seen by the queue board. With none, every request gets 503.',
        unit: 'short',
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
          'Workers whose model is warmed up and whose last run was good. Fewer than the live ones: one is loading or has a broken device.',
        unit: 'short',
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
        description: 'Whether a queue is paused: jobs are taken in and none is run. Resume it on the queue board.',
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
        description:
          'Whether the queue board gets through to Redis. While it does not, the figures of the queues are old.',
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
  height: 8,
  panels: [
    graph(
      {
        title: 'Jobs by state',
        description:
          'prioritized and waiting jobs wait for a worker, active ones are being run, failed ones are kept for an hour for a look on the queue board.',
        unit: 'short',
        width: 8,
        stacked: true,
      },
      {
        expr: `max by (queue, state) (reranker_queue_jobs{${selected.queue}})`,
        legend: '{{queue}} {{state}}',
      },
    ),
    graph(
      {
        title: 'Oldest waiting job',
        description:
          'Age of the job that has waited longest, by queue. A straight rising line means that nothing is taken.',
        unit: 's',
        width: 8,
        thresholds: badFrom(30),
        runbook: 'RerankerQueueNotDraining',
      },
      { expr: oldest, legend: '{{queue}}' },
    ),
    graph(
      {
        title: 'Backlog',
        description: 'In-flight tokens over the speed of the workers, by queue: seconds until an idle fleet.',
        unit: 's',
        width: 8,
        thresholds: badFrom(30),
        runbook: 'RerankerOverloaded',
      },
      { expr: backlog, legend: '{{queue}}' },
    ),
    graph(
      {
        title: 'In-flight tokens',
        description:
          'Estimated tokens that gateways have admitted and not answered: what admission compares with its limit.',
        unit: 'short',
        width: 8,
      },
      { expr: perQueue('reranker_queue_in_flight_tokens'), legend: '{{queue}}' },
    ),
    graph(
      {
        title: 'Speed of the workers',
        description:
          'Tokens a second that the live workers measured together. A fall without fewer workers: slower machines, throttling, or longer texts.',
        unit: 'si:tokens/s',
        width: 8,
      },
      { expr: perQueue('reranker_queue_tokens_per_second'), legend: '{{queue}}' },
    ),
    graph(
      {
        title: 'Quantiles of the wait',
        description: 'Time within which half, 95 % and 99 % of the jobs were taken. Dots lead to traces.',
        unit: 's',
        width: 8,
      },
      ...[0.5, 0.95, 0.99].map((rank) => ({
        expr: quantile(rank, 'reranker_queue_wait_seconds', queued),
        legend: `p${rank * 100}`,
        exemplars: true,
      })),
    ),
    heat(
      {
        title: 'Time on the queue',
        description:
          'How many jobs waited how long until a worker took them. A band that climbs: more comes in than goes out.',
        unit: 's',
        width: 24,
      },
      bucketsOverTime('reranker_queue_wait_seconds', queued),
    ),
  ],
};

const jobs: Section = {
  title: 'Jobs',
  height: 8,
  panels: [
    graph(
      {
        title: 'Jobs by outcome',
        description:
          'Jobs settled a second. failed is a fault of ours; cancelled and expired mean that callers gave up, so look at the wait.',
        unit: 'suffix: jobs/s',
        width: 8,
        stacked: true,
        runbook: 'RerankerJobsFailed',
      },
      { expr: rateSum(`reranker_jobs_total{${queued}}`, 'outcome'), legend: '{{outcome}}' },
    ),
    graph(
      {
        title: 'Stalled and repeated jobs',
        description:
          'Jobs found without their worker, and jobs taken for another time. Anything above 0 is a worker that died or hung: find out which and why.',
        unit: 'suffix: jobs/s',
        width: 8,
        runbook: 'RerankerJobsStalled',
      },
      { expr: rateSum(`reranker_jobs_stalled_total{${queued}}`, 'queue'), legend: '{{queue}} stalled' },
      { expr: rateSum(`reranker_job_retries_total{${queued}}`, 'queue'), legend: '{{queue}} repeated' },
    ),
    graph(
      {
        title: 'Dropped documents and split batches',
        description:
          'Documents not scored because their caller no longer waited, and batches cut in two for lack of memory. Drops follow a long wait; splits ask for a smaller token budget.',
        unit: 'cps',
        width: 8,
        runbook: 'RerankerBatchesSplit',
      },
      { expr: rateSum(`reranker_dropped_documents_total{${modelled}}`, 'reason'), legend: 'dropped: {{reason}}' },
      { expr: rateSum(`reranker_batch_splits_total{${modelled}}`), legend: 'split batches' },
    ),
  ],
};

const workerSection: Section = {
  title: 'Workers',
  height: 8,
  panels: [
    timeline(
      {
        title: 'Ready',
        description:
          'Which worker was ready when. Gaps are workers that were gone; red is loading, or a failed last run.',
        unit: 'none',
        width: 12,
        texts: { 0: { text: 'not ready', color: 'red' }, 1: { text: 'ready', color: 'green' } },
        runbook: 'RerankerNoReadyWorker',
      },
      {
        expr: `max by (model, instance) (reranker_model_ready{${modelled}})`,
        legend: '{{model}} {{instance}}',
      },
    ),
    graph(
      {
        title: 'Use of the sessions',
        description:
          'Share of the time that the inference sessions of each worker were running. Near 100 % with a backlog: more workers. Low with a backlog: something else is slow, such as Redis or tokenising.',
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
        title: 'Tokens by worker',
        description:
          'Tokens of queries and documents that each worker read, without padding. One far below its like has a slow machine or a neighbour.',
        unit: 'si:tokens/s',
        width: 12,
      },
      {
        expr: rateSum(`reranker_tokens_total{${modelled},kind!="padding"}`, 'instance'),
        legend: '{{instance}}',
      },
    ),
    graph(
      {
        title: 'Documents by worker',
        description: 'Documents scored a second by each worker. Uneven lines with a backlog: a worker is stuck.',
        unit: 'suffix: docs/s',
        width: 12,
      },
      { expr: rateSum(`reranker_score_distribution_count{${modelled}}`, 'instance'), legend: '{{instance}}' },
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
        description: 'Whether Redis answers its exporter. When it does not, every request gets 503 until it is back.',
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
          'Gateways and workers that cannot work with Redis, by reason. away: it does not answer them. Any other: the word with which it refuses, and until that is put right they serve nobody.',
        unit: 'short',
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
          'Used memory over maxmemory; 0 where no limit is set. A full Redis takes no more jobs: find out what fills it before 80 %.',
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
        description:
          'Connections to Redis. Each gateway and worker holds a few; a steady climb is a leak of connections.',
        unit: 'short',
        width: 4,
      },
      { expr: 'redis_connected_clients', legend: '{{instance}}' },
    ),
    graph(
      {
        title: 'Commands',
        description: 'Commands that Redis ran a second. A jump without more requests: a client polls.',
        unit: 'ops',
        width: 4,
      },
      { expr: 'rate(redis_commands_processed_total[$__rate_interval])', legend: '{{instance}}' },
    ),
    graph(
      {
        title: 'Evicted keys',
        description:
          'Keys that Redis threw away to make room. Must be 0, as jobs get lost: Redis has to run with maxmemory-policy noeviction.',
        unit: 'cps',
        width: 4,
        runbook: 'RerankerRedisEvicts',
      },
      { expr: 'rate(redis_evicted_keys_total[$__rate_interval])', legend: '{{instance}}' },
    ),
  ],
};

/** Is the work getting done, and by whom? */
export const queue: DashboardFacts = {
  uid: 'reranker-queue',
  title: 'Reranker: queue and workers',
  description: 'Is the work getting done, how long does it wait, and which worker does what?',
  choices: [choices.model, choices.queue, workers],
  from: 'now-1h',
  sections: [now, queueSection, jobs, workerSection, redis],
  words: englishWords,
};
