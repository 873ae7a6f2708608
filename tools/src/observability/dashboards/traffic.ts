import { latencyThresholdS } from '../objectives';
import { type DashboardFacts, type Section, choices, instanceChoice } from './dashboard';
import {
  backlog,
  bucketsOfRange,
  bucketsOverTime,
  highestBy,
  mean,
  oldestWaiting,
  perEvent,
  quantiles,
  rateBy,
  rateSum,
  selected,
  share,
} from './expressions';
import { badFrom, bars, distribution, figure, goodBelow, graph, heat } from './panels';
import { answered, objectives, ranking, users } from './traffic-slo';

const gateways = instanceChoice('Gateway', 'up{job="reranker-gateway"}');

const duration = 'reranker_request_duration_seconds';
const jobs = rateSum(`reranker_tokenize_duration_seconds_count{${selected.model}}`);

const cause: Section = {
  title: 'Is it us or the load?',
  panels: [
    graph(
      {
        title: 'Where the time of a request goes',
        description:
          'Mean seconds per job for queue wait, tokenisation and inference. A request is one job, or several parallel jobs when it is large. A growing queue wait means load: add workers. A growing inference time points to the model, its machine or longer texts.',
        unit: 's',
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
          'Seconds that the workers need for all admitted requests without an answer. From 30 s, new requests are refused: add workers before that.',
        unit: 's',
        width: 4,
        thresholds: goodBelow(10, 30),
        runbook: 'RerankerOverloaded',
      },
      { expr: backlog, legend: '{{queue}}' },
    ),
    graph(
      {
        title: 'Oldest waiting job',
        description:
          'Age of the job that has waited longest. It grows without limit when no worker takes jobs: see the queue dashboard.',
        unit: 's',
        width: 4,
        thresholds: badFrom(30),
        runbook: 'RerankerQueueNotDraining',
      },
      { expr: oldestWaiting, legend: '{{queue}}' },
    ),
    graph(
      {
        title: 'Batch fill',
        description:
          'Mean documents per model run. It should rise under load. If it does not rise while jobs wait, the texts are long or the token budget is small.',
        unit: 'suffix: docs',
        width: 4,
      },
      {
        expr: perEvent(
          rateSum(`reranker_batch_documents_sum{${selected.model}}`),
          rateSum(`reranker_batch_documents_count{${selected.model}}`),
        ),
        legend: 'documents per run',
      },
    ),
    graph(
      {
        title: 'Padding',
        description:
          'Share of padding in the tokens that the model processed. Padding is wasted work. Above one half, batches mix texts of very different lengths.',
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
  panels: [
    graph(
      {
        title: 'Refused by reason',
        description:
          'Refused or abandoned requests. queue_full: too much load. gateway_full: request bodies fill the memory of a gateway. no_worker, redis_away, interrupted: faults of the fleet. bad_request, too_large, auth: errors of the callers. client_gone: the caller disconnected.',
        unit: 'reqps',
        stacked: true,
        runbook: 'RerankerOverloaded',
      },
      rateBy('reason', `reranker_rejected_total{${selected.instance}}`),
    ),
    graph(
      {
        title: 'Errors by type',
        description:
          'Requests answered with an error, by error code, including bad requests. When a code that is not the fault of the callers grows, look for it in the logs of the gateways and workers.',
        unit: 'reqps',
        stacked: true,
        runbook: 'RerankerErrorRateHigh',
      },
      rateBy('error_type', `reranker_errors_total{${selected.instance}}`),
    ),
    graph(
      {
        title: 'In flight',
        description:
          'Requests that have arrived and have no answer yet. The number rises with load or with latency: compare it with the request rate.',
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
  panels: [
    heat(
      {
        title: 'Answer times',
        description:
          'Ranking requests by duration, with any status. Two bands mean two kinds of requests. A rising band means that a queue builds up.',
        unit: 's',
        width: 12,
      },
      bucketsOverTime(duration, ranking),
    ),
    graph(
      {
        title: 'Quantiles of the answers',
        description:
          'Time within which 50 %, 95 % and 99 % of the successful requests are answered. A p99 far above the rest means a few very large requests or a stalled worker. Dots link to traces.',
        unit: 's',
        width: 12,
        thresholds: badFrom(latencyThresholdS),
        runbook: 'RerankerResponseSlow',
      },
      ...quantiles([0.5, 0.95, 0.99], duration, answered),
    ),
    distribution(
      {
        title: 'Documents per request',
        description:
          'Ranking requests in the time range by number of documents. If many are near the limit of 1,000, ask callers to send fewer documents.',
      },
      bucketsOfRange('reranker_batch_size', `${selected.model},${selected.instance}`),
    ),
    distribution(
      {
        title: 'Characters per document',
        description:
          'Documents in the time range by length. Long documents are slow and get truncated: see the model dashboard.',
      },
      bucketsOfRange('reranker_document_length_chars', selected.instance),
    ),
    graph(
      {
        title: 'Mean documents per request',
        description:
          'Mean documents per ranking request. A step means that a caller has changed, which also changes load and latency.',
        unit: 'suffix: docs',
      },
      { expr: mean('reranker_batch_size', `${selected.model},${selected.instance}`), legend: 'documents per request' },
    ),
    bars(
      {
        title: 'Queries by type',
        description:
          'Ranking requests in the time range by type of query. A new mix of types can shift the scores although nothing is broken.',
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
        description: 'Sessions of the web page in the time range; 0 if no page is served.',
        decimals: 0,
        isInstant: true,
      },
      { expr: `sum(increase(reranker_user_sessions_total{${selected.instance}}[$__range]))`, legend: 'sessions' },
    ),
  ],
};

const gatewayProcess = `job="reranker-gateway",${selected.instance}`;

const processes: Section = {
  title: 'Gateway processes',
  panels: [
    graph(
      {
        title: 'Event loop lag, p99',
        description:
          'Delay of the event loop of each gateway. Above half a second it answers late and its heartbeat may expire. Likely causes: very large bodies, or too little CPU.',
        unit: 's',
        width: 6,
        thresholds: badFrom(0.5),
        runbook: 'RerankerEventLoopBlocked',
      },
      highestBy('instance', `nodejs_eventloop_lag_p99_seconds{${gatewayProcess}}`),
    ),
    graph(
      {
        title: 'Event loop utilisation',
        description: 'Share of time in which the thread of each gateway has work. Near 100 %, add a gateway.',
        unit: 'percentunit',
        width: 4,
        thresholds: badFrom(0.9),
      },
      rateBy('instance', `reranker_event_loop_active_seconds_total{${gatewayProcess}}`),
    ),
    graph(
      {
        title: 'Memory',
        description:
          'Memory of each gateway, and the part used by JavaScript objects. Growth that never falls, without more requests, is a leak.',
        unit: 'bytes',
      },
      { expr: `max by (instance) (process_resident_memory_bytes{${gatewayProcess}})`, legend: '{{instance}} all' },
      { expr: `max by (instance) (nodejs_heap_size_used_bytes{${gatewayProcess}})`, legend: '{{instance}} heap' },
    ),
    graph(
      {
        title: 'Memory held by bodies',
        description:
          'Memory that request bodies hold in each gateway until the answers are sent. At the limit, the largest incoming bodies are refused. Find the callers that send slowly or send large bodies, raise MAX_HELD_BYTES and the memory, or add a gateway.',
        unit: 'bytes',
        width: 6,
        runbook: 'RerankerOverloaded',
      },
      highestBy('instance', `reranker_http_held_bytes{${gatewayProcess}}`),
      { expr: `max(reranker_http_held_limit_bytes{${gatewayProcess}})`, legend: 'limit' },
    ),
  ],
};

/** Requests, errors and objectives. */
export const traffic: DashboardFacts = {
  uid: 'reranker-traffic',
  title: 'Reranker: traffic and objectives',
  description: 'Are users fine, and if not, is it us or the load? Start here.',
  choices: [choices.model, choices.queue, gateways],
  sections: [users, cause, refused, requests, objectives, processes],
};
