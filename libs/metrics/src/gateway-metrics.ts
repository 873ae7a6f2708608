import type { Gauge } from 'prom-client';
import type { ErrorCode, RedisTrouble } from '@rerank-fleet/contract';
import { errorCodes } from '@rerank-fleet/contract';
import type { ContainerReader } from './container-metrics';
import type { Exposition } from './exposition';
import { exposition } from './exposition';
import type { MetricsRegistry } from './instruments';
import { gatewayCatalogue } from './gateway-catalogue';
import { counter, gauge, histogram, toSeconds, tracedHistogram } from './instruments';
import type { FeedbackKind, httpMethods, QueryType } from './labels';
import { feedbackKinds, otherLabel, queryTypes, rejectedReasons } from './labels';
import { redisRecorder } from './redis-metrics';
import { createRegistry } from './registry';
import { rejectedReason } from './rejected-reason';

/** A route of the gateway and every status that it can return. */
export interface EndpointDeclaration {
  /** GET includes HEAD. */
  method: (typeof httpMethods)[number];
  /** Template, such as `/v1/models/{name}`. */
  endpoint: string;
  codes: readonly number[];
}

/** The options of the gateway's metrics. */
export interface GatewayMetricsOptions {
  /** Their series exist from the start. Any other path counts under `other`. */
  endpoints: readonly EndpointDeclaration[];
  /** Reads the container's usage, at each scrape. Undefined: no container metrics. */
  container?: ContainerReader;
  /** The memory of request bodies, read at each scrape. */
  heldBytes: { readonly limitBytes: number; now(): number };
}

/** One answered request of any route. */
export interface FinishedRequest {
  method: string;
  /** The value that was passed to {@link GatewayMetrics.requestStarted}. */
  endpoint: string;
  /** Status of the answer; 499 if the caller disconnected. */
  code: number;
  durationMs: number;
  /** Error code of the answer. An error status without one counts as `internal` (5xx) or `invalid_value` (4xx). */
  failure?: ErrorCode;
  /** Trace of the request, if it is recorded. It becomes an exemplar of the duration. */
  traceId?: string;
}

/** The facts of a ranking request. */
export interface RankingFacts {
  /** Name of the chosen bundle. One that was never announced counts under `other`. */
  model: string;
  queryType: QueryType;
  /** One entry per document. */
  documentLengthsChars: readonly number[];
}

/** Feedback to one ranking, as numbers. */
export interface FeedbackFacts {
  /** Name of the bundle that ranked. One that was never announced counts under `other`. */
  model: string;
  /** The kinds of feedback, each once. */
  kinds: readonly FeedbackKind[];
  /** nDCG@10, 0 to 1; undefined if no document was relevant, because all orders are then equal. */
  ndcg: number | undefined;
  /** One divided by the rank of the first relevant document; 0 if there is none. */
  reciprocalRank: number;
}

/** The gateway's recording methods. All are fast and synchronous. */
export interface GatewayMetrics extends Exposition {
  /** Increments the in-flight gauge. Each call needs one {@link requestFinished} with the same endpoint. */
  requestStarted(endpoint: string): void;
  /** Counts the request, its duration, its error and its rejection, and decrements the in-flight gauge. */
  requestFinished(request: FinishedRequest): void;
  /** Counts documents, their lengths and the kind of query. Call it once per ranking, when its outcome is known. */
  rankingRequested(ranking: RankingFacts): void;
  /** Counts the feedback to one ranking. Call it once per ranking. */
  feedbackGiven(feedback: FeedbackFacts): void;
  /** Counts a new browser session of the page. */
  sessionStarted(): void;
  /** Sets the reason why Redis cannot be used; undefined: it can. */
  redisTrouble(trouble: RedisTrouble | undefined): void;
  /** Creates the series of an announced bundle. Further calls have no effect. */
  announceModel(name: string): void;
}

/** Status for a caller that disconnected before its answer. Counted as a rejection, never as an error. */
const clientGoneCode = 499;

/** Paths without a route. */
const unrouted: readonly EndpointDeclaration[] = [
  { method: 'GET', endpoint: otherLabel, codes: [404] },
  { method: 'POST', endpoint: otherLabel, codes: [404] },
];

/** The methods per endpoint that keep their name. Others share one label, because clients could create any number. */
function methodsByEndpoint(endpoints: readonly EndpointDeclaration[]): ReadonlyMap<string, ReadonlySet<string>> {
  const methods = new Map<string, Set<string>>();
  for (const { method, endpoint } of endpoints) {
    const own = methods.get(endpoint) ?? new Set();
    methods.set(endpoint, own.add(method));
    if (method === 'GET') own.add('HEAD');
  }
  return methods;
}

/** Creates the gateway's metrics in a separate registry. */
export function createGatewayMetrics(options: GatewayMetricsOptions): GatewayMetrics {
  const registry = createRegistry(options.container);
  heldBytesMetrics(registry, options.heldBytes);
  const instruments = createInstruments(registry);
  const declared = [...options.endpoints, ...unrouted];
  const methods = methodsByEndpoint(declared);
  const models = new Set<string>();
  const endpointLabel = (endpoint: string) => (methods.has(endpoint) ? endpoint : otherLabel);
  const modelLabel = (model: string) => (models.has(model) ? model : otherLabel);
  startAtZero(instruments, declared);

  return {
    ...exposition(registry),
    ...redisRecorder(registry),
    requestStarted: (endpoint) => instruments.requestsInFlight.inc({ endpoint: endpointLabel(endpoint) }),
    requestFinished: (request) => {
      const endpoint = endpointLabel(request.endpoint);
      const method = methods.get(endpoint)?.has(request.method) ? request.method : otherLabel;
      recordFinished(instruments, request, { method, endpoint });
    },
    rankingRequested: ({ model, queryType, documentLengthsChars }) => {
      instruments.documentsPerRequest.observe({ model: modelLabel(model) }, documentLengthsChars.length);
      instruments.queryType.inc({ query_type: queryType });
      for (const lengthChars of documentLengthsChars) instruments.documentLength.observe(lengthChars);
    },
    feedbackGiven: (feedback) => recordFeedback(instruments, feedback, modelLabel(feedback.model)),
    sessionStarted: () => instruments.userSessions.inc(),
    announceModel: (name) => {
      if (models.has(name)) return;
      models.add(name);
      instruments.documentsPerRequest.zero({ model: name });
      instruments.feedbackNdcg.zero({ model: name });
      instruments.feedbackReciprocalRank.zero({ model: name });
      for (const kind of feedbackKinds) instruments.feedback.inc({ model: name, kind }, 0);
    },
  };
}

function heldBytesMetrics(registry: MetricsRegistry, held: GatewayMetricsOptions['heldBytes']): void {
  const bytes: Gauge = gauge(registry, gatewayCatalogue.heldBytes, () => bytes.set(held.now()));
  gauge(registry, gatewayCatalogue.heldLimit).set(held.limitBytes);
}

type Instruments = ReturnType<typeof createInstruments>;

function createInstruments(registry: MetricsRegistry) {
  return {
    requests: counter(registry, gatewayCatalogue.requests),
    requestDuration: tracedHistogram(registry, gatewayCatalogue.requestDuration),
    requestsInFlight: gauge(registry, gatewayCatalogue.requestsInFlight),
    errors: counter(registry, gatewayCatalogue.errors),
    rejected: counter(registry, gatewayCatalogue.rejected),
    documentsPerRequest: histogram(registry, gatewayCatalogue.documentsPerRequest),
    queryType: counter(registry, gatewayCatalogue.queryType),
    documentLength: histogram(registry, gatewayCatalogue.documentLength),
    userSessions: counter(registry, gatewayCatalogue.userSessions),
    feedback: counter(registry, gatewayCatalogue.feedback),
    feedbackNdcg: histogram(registry, gatewayCatalogue.feedbackNdcg),
    feedbackReciprocalRank: histogram(registry, gatewayCatalogue.feedbackReciprocalRank),
  };
}

/** Starts all known series at 0. A missing series would make ratios and alerts over it silent. */
function startAtZero(instruments: Instruments, endpoints: readonly EndpointDeclaration[]): void {
  for (const { method, endpoint, codes } of endpoints) {
    instruments.requestsInFlight.set({ endpoint }, 0);
    for (const code of codes) {
      const labels = { method, endpoint, code: String(code) };
      instruments.requests.inc(labels, 0);
      if (isSuccess(code)) instruments.requestDuration.zero(labels);
    }
  }
  for (const error_type of errorCodes) instruments.errors.inc({ error_type }, 0);
  for (const reason of rejectedReasons) instruments.rejected.inc({ reason }, 0);
  for (const query_type of queryTypes) instruments.queryType.inc({ query_type }, 0);
}

function recordFinished(
  instruments: Instruments,
  request: FinishedRequest,
  { method, endpoint }: { method: string; endpoint: string },
): void {
  const { code, failure } = request;
  const labels = { method, endpoint, code: String(code) };
  instruments.requests.inc(labels);
  instruments.requestDuration.observe(labels, toSeconds(request.durationMs), request.traceId);
  instruments.requestsInFlight.dec({ endpoint });
  if (code === clientGoneCode) {
    instruments.rejected.inc({ reason: 'client_gone' });
    return;
  }
  const errorType = failure ?? failureOfStatus(code);
  if (isSuccess(code) || errorType === undefined) return;
  instruments.errors.inc({ error_type: errorType });
  const reason = rejectedReason(errorType);
  if (reason !== undefined) instruments.rejected.inc({ reason });
}

function recordFeedback(instruments: Instruments, feedback: FeedbackFacts, model: string): void {
  const { kinds, ndcg, reciprocalRank } = feedback;
  for (const kind of kinds) instruments.feedback.inc({ model, kind });
  if (ndcg !== undefined) instruments.feedbackNdcg.observe({ model }, ndcg);
  instruments.feedbackReciprocalRank.observe({ model }, reciprocalRank);
}

/** The error code for an error answer without one. Redirects and unchanged pages are not errors. */
function failureOfStatus(code: number): ErrorCode | undefined {
  if (code >= 500) return 'internal';
  return code >= 400 ? 'invalid_value' : undefined;
}

function isSuccess(code: number): boolean {
  return code >= 200 && code < 300;
}
