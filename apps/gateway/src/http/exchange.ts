import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorCode, Failure } from '@rerank-fleet/contract';
import type { GatewayMetrics } from '@rerank-fleet/metrics';
import { sampledTraceId, type Span, type Tracing } from '@rerank-fleet/service-shell';
import { statusOf } from './failure';
import { endRequestSpan, startRequestSpan } from './request-span';

/** What the gateway needs of the metrics to count its requests. */
export type RequestMetrics = Pick<
  GatewayMetrics,
  'requestStarted' | 'requestFinished' | 'rankingRequested' | 'feedbackGiven' | 'sessionStarted'
>;

/** One request and its answer, counted once whatever becomes of it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** On the clock of `performance.now()`. */
  readonly startedMs: number;
  /** The whole request; ends when it is counted. */
  readonly span: Span;
  /** Aborted when the caller goes away before its answer is out. */
  readonly gone: AbortSignal;
  /** Calls back once, when the answer is out or its caller has gone; at once when that is so already. */
  whenOver(callback: () => void): void;
  /** How long the caller may take to take in the answer. */
  readonly answerTimeoutMs: number;
  /** Counts the request, the first time only. */
  settle(code: number, failure?: ErrorCode): void;
}

/** How an exchange is counted and ended. */
export interface ExchangeOptions {
  /** Label of the metrics; undefined = neither counted nor traced. */
  endpoint: string | undefined;
  metrics: RequestMetrics;
  tracing: Tracing;
  /** The process is going away: the connection is not to be used again. */
  isDraining(): boolean;
  /** How long a caller may take to take in its answer: what is held for it is held until then. */
  answerTimeoutMs: number;
}

/** Starts an exchange. A caller that goes away before the answer is out counts as 499. */
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
    // the drain may have begun while the answer was awaited
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
  const { gone, whenOver } = watchEnd(request, response);
  whenOver(() => {
    if (gone.aborted) settle(statusOf.cancelled, 'cancelled');
    else settle(response.statusCode);
  });
  return { request, response, requestId, startedMs, span, gone, whenOver, answerTimeoutMs, settle };
}

/**
 * Watches the response and its connection: of one that ends, Node tells only the response whose turn it is, and not
 * those that wait behind it.
 */
function watchEnd(request: IncomingMessage, response: ServerResponse): Pick<Exchange, 'gone' | 'whenOver'> {
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
    gone: caller.signal,
    whenOver(callback) {
      if (isOver) callback();
      else callbacks.push(callback);
    },
  };
}

/** Headers by lower-case name. */
export type Headers = Readonly<Record<string, string | number>>;

/** What is sent: a JSON value, if any, with its status, and the code of the error that it tells. */
export interface Reply {
  status: number;
  body?: unknown;
  headers?: Headers;
  failure?: ErrorCode;
}

/** Counts and sends a reply; does nothing when the caller is gone. */
export function send(exchange: Exchange, { status, body, headers, failure }: Reply): void {
  const { response } = exchange;
  if (exchange.gone.aborted || response.headersSent) return;
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
  // As a string it leaves in one write together with the headers.
  response.end(text, 'utf8');
  limitSending(exchange);
}

/** A caller that does not read its answer would hold the memory of its request for good. */
function limitSending({ request, response, whenOver, answerTimeoutMs }: Exchange): void {
  const start = (): void => {
    const timer = setTimeout(() => request.socket.destroy(), answerTimeoutMs);
    whenOver(() => clearTimeout(timer));
  };
  // an answer that waits behind another on its connection cannot be read yet
  if (response.socket) start();
  else response.once('socket', start);
}

/** The reply that tells a failure, in the given shape. */
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
