import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorCode, Failure } from '@rerank-fleet/contract';
import type { GatewayMetrics } from '@rerank-fleet/metrics';
import { sampledTraceId, type Span, type Tracing } from '@rerank-fleet/service-shell';
import { statusOf } from './failure';
import { endRequestSpan, startRequestSpan } from './request-span';

/** The metrics that count requests. */
export type RequestMetrics = Pick<
  GatewayMetrics,
  'requestStarted' | 'requestFinished' | 'rankingRequested' | 'feedbackGiven' | 'sessionStarted'
>;

/** One request and its answer. It is counted exactly once. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** Start time on the clock of `performance.now()`, ms. */
  readonly startedMs: number;
  /** The span of the whole request. It ends when the request is counted. */
  readonly span: Span;
  /** Aborted when the caller disconnects before its answer is sent. */
  readonly signal: AbortSignal;
  /** Calls back once, when the answer is sent or the caller has disconnected; immediately if that has happened. */
  whenOver(callback: () => void): void;
  /** Time limit for the caller to read the answer. */
  readonly answerTimeoutMs: number;
  /** Counts the request. Only the first call has an effect. */
  settle(code: number, failure?: ErrorCode): void;
}

/** How an exchange is counted and ended. */
export interface ExchangeOptions {
  /** Label of the metrics. Undefined: the request is neither counted nor traced. */
  endpoint: string | undefined;
  metrics: RequestMetrics;
  tracing: Tracing;
  /** Whether the process is shutting down: the connection is then closed after the answer. */
  isDraining(): boolean;
  /** Time limit for a caller to read its answer. The request's memory is held until then. */
  answerTimeoutMs: number;
}

/** Starts an exchange. A caller that disconnects before the answer is sent counts as 499. */
export function openExchange(
  request: IncomingMessage,
  response: ServerResponse,
  { endpoint, metrics, tracing, isDraining, answerTimeoutMs }: ExchangeOptions,
): Exchange {
  const startedMs = performance.now();
  const requestId = randomUUID();
  const span = startRequestSpan(tracing, request, endpoint);
  let isSettled = endpoint === undefined;
  if (endpoint !== undefined) metrics.requestStarted(endpoint);
  const closeWhileDraining = (): void => {
    if (isDraining()) response.shouldKeepAlive = false;
  };
  closeWhileDraining();
  const settle = (code: number, failure?: ErrorCode): void => {
    // the shutdown may have begun during the request
    closeWhileDraining();
    if (isSettled || endpoint === undefined) return;
    isSettled = true;
    const durationMs = performance.now() - startedMs;
    const method = request.method ?? '';
    const traceId = sampledTraceId(span);
    metrics.requestFinished({
      method,
      endpoint,
      code,
      durationMs,
      ...(failure !== undefined && { failure }),
      ...(traceId !== undefined && { traceId }),
    });
    endRequestSpan(span, { requestId, method, endpoint, code, failure });
  };
  const { signal, whenOver } = watchEnd(request, response);
  whenOver(() => {
    if (signal.aborted) settle(statusOf.cancelled, 'cancelled');
    else settle(response.statusCode);
  });
  return { request, response, requestId, startedMs, span, signal, whenOver, answerTimeoutMs, settle };
}

/**
 * Watches the response and its connection. When a connection ends, Node notifies only the response in progress, not the
 * pipelined ones behind it.
 */
function watchEnd(request: IncomingMessage, response: ServerResponse): Pick<Exchange, 'signal' | 'whenOver'> {
  const { socket } = request;
  const caller = new AbortController();
  const callbacks: (() => void)[] = [];
  let isOver = false;
  const end = (): void => {
    isOver = true;
    response.off('close', end);
    socket.off('close', end);
    if (!response.writableFinished) caller.abort();
    for (const callback of callbacks) callback();
  };
  response.on('close', end);
  socket.on('close', end);
  return {
    signal: caller.signal,
    whenOver(callback) {
      if (isOver) callback();
      else callbacks.push(callback);
    },
  };
}

/** Headers by lower-case name. */
export type Headers = Readonly<Record<string, string | number>>;

/** An answer: its status, a JSON body (if any), headers, and the code of the error that it reports. */
export interface Reply {
  status: number;
  body?: unknown;
  headers?: Headers;
  failure?: ErrorCode;
}

/** Counts and sends a reply. Does nothing if the caller has disconnected. */
export function send(exchange: Exchange, { status, body, headers, failure }: Reply): void {
  const { response } = exchange;
  if (exchange.signal.aborted || response.headersSent) return;
  const text = body === undefined ? '' : JSON.stringify(body);
  exchange.settle(status, failure);
  response.writeHead(status, {
    ...(text !== '' && {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    }),
    'x-request-id': exchange.requestId,
    ...headers,
  });
  // A string is sent in one write together with the headers.
  response.end(text, 'utf8');
  limitSending(exchange);
}

/** Closes the connection of a caller that does not read its answer: it would hold the request's memory forever. */
function limitSending({ request, response, whenOver, answerTimeoutMs }: Exchange): void {
  const start = (): void => {
    const timer = setTimeout(() => request.socket.destroy(), answerTimeoutMs);
    whenOver(() => clearTimeout(timer));
  };
  // a pipelined answer has no socket until its turn, and cannot be read before
  if (response.socket) start();
  else response.once('socket', start);
}

/** The reply for a failure, with the given body. */
export function failureReply(failure: Failure, body: unknown, headers: Headers = {}): Reply {
  return {
    status: statusOf[failure.code],
    body,
    headers: { ...failureHeaders(failure), ...headers },
    failure: failure.code,
  };
}

function failureHeaders({ code, retryAfterS }: Failure): Headers {
  switch (code) {
    case 'unauthorized':
      return { 'www-authenticate': 'Bearer realm="rerank"' };
    case 'queue_full':
    case 'gateway_full':
    case 'no_worker':
    case 'redis_away':
    case 'interrupted':
      return { 'retry-after': retryAfterS ?? 1 };
    case 'body_timeout':
      return { connection: 'close' };
    default:
      return {};
  }
}
