import { latencyThresholdS } from '../objectives';
import { type Choice, type DashboardFacts, type Section, choices, englishWords } from './dashboard';
import { bucketsOfRange, bucketsOverTime, mean, perEvent, quantile, rateSum, selected, share } from './expressions';
import { badFrom, bars, distribution, figure, goodBelow, graph, heat } from './panels';
import { answered, objectives, ranking, users } from './traffic-slo';

const gateways: Choice = {
  name: 'instance',
  label: 'Gateway',
  query: 'label_values(up{job="reranker-gateway"}, instance)',
};

const duration = 'reranker_request_duration_seconds';
const jobs = rateSum(`reranker_tokenize_duration_seconds_count{${selected.model}}`);

const cause: Section = {
  title: 'Is it us or the load?',
  height: 8,
  panels: [
    graph(
      {
        title: 'Where the time of a request goes',
        description:
          'Mean seconds that a job waits for a worker, is turned into tokens and is in the model; a request is one job, or several side by side when it is large. A growing wait is load: more workers. A growing inference is us: the model, its machine or longer texts.',
        unit: 's',
        width: 8,
        stacked: true,
      },
      {
        expr: perEvent(
          rateSum(`reranker_queue_wait_seconds_sum{${selected.queue}}`),
          rateSum(`reranker_queue_wait_seconds_count{${selected.queue}}`),
        ),
        legend: 'queue wait',
      },
      {
        expr: perEvent(rateSum(`reranker_tokenize_duration_seconds_sum{${selected.model}}`), jobs),
        legend: 'tokenise',
      },
      {
        expr: perEvent(rateSum(`reranker_inference_duration_seconds_sum{${selected.model}}`), jobs),
        legend: 'inference',
      },
    ),
    graph(
      {
        title: 'Backlog',
        description:
          'Seconds that the workers need for all that is admitted and not answered. New requests are refused from 30 s: add workers before that.',
        unit: 's',
        width: 4,
        thresholds: goodBelow(10, 30),
        runbook: 'RerankerOverloaded',
      },
      {
        expr: `max by (queue) (reranker_queue_in_flight_tokens{${selected.queue}}) / clamp_min(max by (queue) (reranker_queue_tokens_per_second{${selected.queue}}), 1)`,
        legend: '{{queue}}',
      },
    ),
    graph(
      {
        title: 'Oldest waiting job',
        description:
          'Age of the job that has waited longest. It grows without end when no worker takes jobs: look at the queue dashboard.',
        unit: 's',
        width: 4,
        thresholds: badFrom(30),
        runbook: 'RerankerQueueNotDraining',
      },
      {
        expr: `max by (queue) (reranker_queue_oldest_waiting_seconds{${selected.queue}})`,
        legend: '{{queue}}',
      },
    ),
    graph(
      {
        title: 'Batch fill',
        description:
          'Documents of one model run on average. Under load it should rise; if it does not while jobs wait, the texts are long or the token budget is small.',
        unit: 'suffix: docs',
        width: 4,
      },
      {
        expr: perEvent(
          rateSum(`reranker_batch_documents_sum{${selected.model}}`),
          rateSum(`reranker_batch_documents_count{${selected.model}}`),
        ),
        legend: 'documents a run',
      },
    ),
    graph(
      {
        title: 'Padding',
        description:
          'Share of what the model read that was only padding: work for nothing. Above a half, texts of very different length meet in a batch.',
        unit: 'percentunit',
        width: 4,
        max: 1,
        thresholds: badFrom(0.5),
      },
      {
        expr: share(
          rateSum(`reranker_tokens_total{${selected.model},kind="padding"}`),
          rateSum(`reranker_tokens_total{${selected.model}}`),
        ),
        legend: 'padding',
      },
    ),
  ],
};

const refused: Section = {
  title: 'Refused and failed',
  height: 8,
  panels: [
    graph(
      {
        title: 'Refused by reason',
        description:
          'Requests turned away or given up. queue_full: too much load. gateway_full: too many bytes of bodies in a gateway. no_worker, redis_away, interrupted: ours. bad_request, too_large, auth: the callers. client_gone: they lost patience.',
        unit: 'reqps',
        width: 8,
        stacked: true,
        runbook: 'RerankerOverloaded',
      },
      { expr: rateSum(`reranker_rejected_total{${selected.instance}}`, 'reason'), legend: '{{reason}}' },
    ),
    graph(
      {
        title: 'Errors by type',
        description:
          'Requests answered with an error, by its code; bad requests are in it. A code of ours that grows is named in the log of a gateway or worker.',
        unit: 'reqps',
        width: 8,
        stacked: true,
        runbook: 'RerankerErrorRateHigh',
      },
      { expr: rateSum(`reranker_errors_total{${selected.instance}}`, 'error_type'), legend: '{{error_type}}' },
    ),
    graph(
      {
        title: 'In flight',
        description:
          'Requests that have arrived and are not answered. It rises with load or with slowness: compare with the request rate.',
        unit: 'short',
        width: 8,
        stacked: true,
      },
      {
        expr: `sum by (endpoint) (reranker_http_requests_in_flight{${selected.instance}})`,
        legend: '{{endpoint}}',
      },
    ),
  ],
};

const requests: Section = {
  title: 'Requests',
  height: 8,
  panels: [
    heat(
      {
        title: 'Answer times',
        description:
          'How many ranking requests took how long, whatever their status. Two bands are two kinds of request; a band that climbs is a queue.',
        unit: 's',
        width: 12,
      },
      bucketsOverTime(duration, ranking),
    ),
    graph(
      {
        title: 'Quantiles of the answers',
        description:
          'Time within which half, 95 % and 99 % of the good answers are ready. A p99 far from the rest is a few very large requests or a stalled worker. Dots lead to traces.',
        unit: 's',
        width: 12,
        thresholds: badFrom(latencyThresholdS),
        runbook: 'RerankerResponseSlow',
      },
      ...[0.5, 0.95, 0.99].map((rank) => ({
        expr: quantile(rank, duration, answered),
        legend: `p${rank * 100}`,
        exemplars: true,
      })),
    ),
    distribution(
      {
        title: 'Documents of a request',
        description:
          'Ranking requests in the time range by their number of documents. Many near the limit of 1,000: ask callers to send fewer.',
        unit: 'short',
        width: 8,
      },
      bucketsOfRange('reranker_batch_size', `${selected.model},${selected.instance}`),
    ),
    distribution(
      {
        title: 'Characters of a document',
        description:
          'Documents in the time range by their length. Long ones are slow and get cut: see truncation on the model dashboard.',
        unit: 'short',
        width: 8,
      },
      bucketsOfRange('reranker_document_length_chars', selected.instance),
    ),
    graph(
      {
        title: 'Mean documents of a request',
        description:
          'Documents of a ranking request on average. A step is a caller that changed: it moves load and latency with it.',
        unit: 'suffix: docs',
        width: 8,
      },
      { expr: mean('reranker_batch_size', `${selected.model},${selected.instance}`), legend: 'documents a request' },
    ),
    bars(
      {
        title: 'What queries ask for',
        description:
          'Ranking requests in the time range by the kind of question. A new mix of questions can move the scores without anything being broken.',
        unit: 'short',
        width: 16,
      },
      {
        expr: `sum by (query_type) (increase(reranker_query_type_total{${selected.instance}}[$__range]))`,
        legend: '{{query_type}}',
      },
    ),
    figure(
      {
        title: 'Sessions of the page',
        description: 'Sessions of the web page in the time range; 0 where no page is served.',
        unit: 'short',
        width: 8,
        decimals: 0,
        ofMoment: true,
      },
      { expr: `sum(increase(reranker_user_sessions_total{${selected.instance}}[$__range]))`, legend: 'sessions' },
    ),
  ],
};

const gatewayProcess = `job="reranker-gateway",${selected.instance}`;

const processes: Section = {
  title: 'Gateway processes',
  height: 8,
  panels: [
    graph(
      {
        title: 'Event loop lag, p99',
        description:
          'How late a gateway gets to its work. Above half a second it answers late and its heartbeat is at risk: very large bodies, or too little processor.',
        unit: 's',
        width: 6,
        thresholds: badFrom(0.5),
        runbook: 'RerankerEventLoopBlocked',
      },
      { expr: `max by (instance) (nodejs_eventloop_lag_p99_seconds{${gatewayProcess}})`, legend: '{{instance}}' },
    ),
    graph(
      {
        title: 'Processor',
        description: 'Cores that each gateway uses. Near 1 its one thread is full: add a gateway.',
        unit: 'suffix: cores',
        width: 4,
        thresholds: badFrom(0.9),
      },
      { expr: rateSum(`process_cpu_seconds_total{${gatewayProcess}}`, 'instance'), legend: '{{instance}}' },
    ),
    graph(
      {
        title: 'Memory',
        description:
          'Memory of each gateway, and the part that JavaScript objects use. Growth that never falls, without more requests, is a leak.',
        unit: 'bytes',
        width: 8,
      },
      { expr: `max by (instance) (process_resident_memory_bytes{${gatewayProcess}})`, legend: '{{instance}} all' },
      { expr: `max by (instance) (nodejs_heap_size_used_bytes{${gatewayProcess}})`, legend: '{{instance}} heap' },
    ),
    graph(
      {
        title: 'Held by bodies',
        description:
          'What the bodies of requests hold in each gateway, until their answers are out. At the limit the largest that arrive are refused: find out who sends slowly or much, or raise MAX_HELD_BYTES and the memory, or add a gateway.',
        unit: 'bytes',
        width: 6,
        runbook: 'RerankerOverloaded',
      },
      { expr: `max by (instance) (reranker_http_held_bytes{${gatewayProcess}})`, legend: '{{instance}}' },
      { expr: `max(reranker_http_held_limit_bytes{${gatewayProcess}})`, legend: 'limit' },
    ),
  ],
};

/** Are users fine, and if not, is it us or the load? */
export const traffic: DashboardFacts = {
  uid: 'reranker-traffic',
  title: 'Reranker: traffic and objectives',
  description: 'Are users fine, and if not, is it us or the load? Start here.',
  choices: [choices.model, choices.queue, gateways],
  from: 'now-1h',
  sections: [users, cause, refused, requests, objectives, processes],
  words: englishWords,
};
