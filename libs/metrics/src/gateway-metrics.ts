import type { Gauge } from 'prom-client';
import type { ErrorCode } from '@rerank-fleet/contract';
import { errorCodes } from '@rerank-fleet/contract';
import type { ContainerReader } from './container-metrics';
import { containerMetrics } from './container-metrics';
import type { Exposition } from './exposition';
import { exposition } from './exposition';
import type { MetricsRegistry } from './instruments';
import { gatewayCatalogue } from './gateway-catalogue';
import { counter, createRegistry, gauge, histogram, toSeconds, tracedHistogram } from './instruments';
import type { FeedbackKind, httpMethods, QueryType, RedisTrouble } from './labels';
import { feedbackKinds, otherLabel, queryTypes, rejectedReasons } from './labels';
import { redisRecorder } from './redis-metrics';
import { rejectedReason } from './rejected-reason';

/** A route of the gateway and every status it can answer with. */
export interface EndpointDeclaration {
  /** Where it is GET, HEAD is answered too. */
  method: (typeof httpMethods)[number];
  /** Template, such as `/v1/models/{name}`. */
  endpoint: string;
  codes: readonly number[];
}

/** Labels known before the first request. */
export interface GatewayMetricsOptions {
  /** Their series exist from the start; a path that is not among them counts under `other`. */
  endpoints: readonly EndpointDeclaration[];
  /** Asked at each scrape for what the container uses; left out where nobody wants to know. */
  container?: ContainerReader;
  /** What the bodies of requests hold, asked at each scrape. */
  heldBytes: { readonly limitBytes: number; now(): number };
}

/** One answered request, of any route. */
export interface FinishedRequest {
  method: string;
  /** The same value that {@link GatewayMetrics.requestStarted} got. */
  endpoint: string;
  /** Status of the answer; 499 when the caller went away. */
  code: number;
  durationMs: number;
  /** Error code of the answer. An error status without one counts as `internal` (5xx) or `invalid_value` (4xx). */
  failure?: ErrorCode;
  /** Trace of the request, if it is recorded: becomes an exemplar of its duration. */
  traceId?: string;
}

/** What a ranking request asked for. */
export interface RankingFacts {
  /** Name of the bundle that was chosen; one that was never announced counts under `other`. */
  model: string;
  queryType: QueryType;
  /** One entry a document. */
  documentLengthsChars: readonly number[];
}

/** What somebody said of a ranking, as figures. */
export interface FeedbackFacts {
  /** Name of the bundle that ranked; one that was never announced counts under `other`. */
  model: string;
  /** Which kinds of judgement it had, each once. */
  kinds: readonly FeedbackKind[];
  /** nDCG@10, 0 to 1; undefined when nothing was relevant, so that no order is better than another. */
  ndcg: number | undefined;
  /** One over the rank of the first relevant document, 0 without one. */
  reciprocalRank: number;
}

/** The gateway's recording methods. All of them are cheap and synchronous. */
export interface GatewayMetrics extends Exposition {
  /** Raises the in-flight gauge; every call needs one {@link requestFinished} with the same endpoint. */
  requestStarted(endpoint: string): void;
  /** Counts the request, its duration, its error and its rejection in one place, and lowers the in-flight gauge. */
  requestFinished(request: FinishedRequest): void;
  /** Counts documents, their lengths and the query's type; call once a ranking, when its outcome is known. */
  rankingRequested(ranking: RankingFacts): void;
  /** Counts the judgement of one ranking, once. */
  feedbackGiven(feedback: FeedbackFacts): void;
  /** A browser opened the page for the first time. */
  sessionStarted(): void;
  /** Why Redis cannot be worked with; undefined: it can. */
  redisTrouble(trouble: RedisTrouble | undefined): void;
  /** Makes the series of a bundle that a worker announced. Calling it again is harmless. */
  announceModel(name: string): void;
}

/** Status for a caller that went away before its answer; counted as a rejection, never as an error. */
const clientGoneCode = 499;

/** Paths that are no route. */
const unrouted: readonly EndpointDeclaration[] = [
  { method: 'GET', endpoint: otherLabel, codes: [404] },
  { method: 'POST', endpoint: otherLabel, codes: [404] },
];

/** Verbs that keep their name at each endpoint: series for others would be as many as a client cares to try. */
function methodsByEndpoint(endpoints: readonly EndpointDeclaration[]): ReadonlyMap<string, ReadonlySet<string>> {
  const methods = new Map<string, Set<string>>();
  for (const { method, endpoint } of endpoints) {
    const own = methods.get(endpoint) ?? new Set();
    methods.set(endpoint, own.add(method));
    if (method === 'GET') own.add('HEAD');
  }
  return methods;
}

/** Builds the gateway's metrics on a registry of their own. */
export function createGatewayMetrics(options: GatewayMetricsOptions): GatewayMetrics {
  const registry = createRegistry();
  containerMetrics(registry, options.container);
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

/** A series that never fired is absent, and a ratio or alert over it silent: so all known ones begin at 0. */
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

/** Stands in for the code of an error answer that came without one; a redirect or an unchanged page is no error. */
function failureOfStatus(code: number): ErrorCode | undefined {
  if (code >= 500) return 'internal';
  return code >= 400 ? 'invalid_value' : undefined;
}

function isSuccess(code: number): boolean {
  return code >= 200 && code < 300;
}
