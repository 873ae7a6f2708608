import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Failure } from '@rerank-fleet/contract';
import { otherLabel } from '@rerank-fleet/metrics';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { createAccessCheck } from './http/api-key';
import type { EdgeConfig } from './config';
import { fallbackDialects } from './dialects/choose';
import { type Edge, logFault } from './rank/edge';
import { familyOfPrefix } from './dialects/families';
import { feedbackPath, normalisePath, rankEndpointOf, rankEndpoints } from './rank/endpoints';
import {
  type Exchange,
  type ExchangeOptions,
  type RequestMetrics,
  failureReply,
  openExchange,
  send,
} from './http/exchange';
import { failureOf, internalFailure } from './http/failure';
import { type FeedbackEdge, handleFeedback } from './feedback/handler';
import { createRankingMemory } from './feedback/memory';
import type { Fleet } from './rank/fleet';
import type { HeldBytes } from './http/held-bytes';
import { createOriginRules } from './http/origins';
import { handleRank } from './rank/rank-handler';
import { openApiDocument } from './openapi/openapi';
import { createPages } from './pages/pages';
import type { Playground } from './pages/playground';
import { createTurns } from './http/turns';

/** The parts of the application. */
export interface AppOptions {
  config: EdgeConfig;
  fleet: Fleet;
  metrics: RequestMetrics;
  logger: Edge['logger'];
  tracing: Edge['tracing'];
  /** The count of bytes that bodies hold. Metrics report its values. */
  heldBytes: HeldBytes;
  /** True after SIGTERM: answers then close their connection. */
  isDraining(): boolean;
  /** The web page. */
  playground: Playground;
  /** Folder with the files of swagger-ui-dist. */
  swaggerFolder: string;
}

/**
 * Creates the HTTP application: ranking on every path of {@link rankEndpoints}, feedback, and the other routes. Ranking
 * is matched before any router, because it is the path whose latency counts. Requests without a route get a JSON answer
 * here, because Express would answer with an HTML page.
 */
export function createApp(options: AppOptions): RequestListener {
  const { config } = options;
  const rankings = createRankingMemory(config.feedbackMemory);
  const edge: FeedbackEdge = {
    ...options,
    access: createAccessCheck(config),
    origins: createOriginRules(config.allowedOrigins),
    takeTurn: createTurns(),
    rankings,
  };
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing');
  app.use(rankFirst(edge));
  app.use(takeFeedback(edge));
  app.use(createPages(edge, { ...options, describeApi: () => openApiDocument(config) }));
  const notFound = answerNotFound(edge);
  return (request, response) => {
    const finish = (error?: unknown) => {
      if (error) answerUnexpected(edge, { request, response, error });
      else notFound(request, response);
    };
    app(request as Request, response as Response, finish);
  };
}

function rankFirst(edge: Edge): RequestHandler {
  return (request, response, next) => {
    const path = normalisePath(request.url);
    const endpoint = rankEndpointOf(path);
    const isPage = endpoint?.isPageToo && (request.method === 'GET' || request.method === 'HEAD');
    if (endpoint === undefined || isPage) {
      request.url = path;
      next();
      return;
    }
    void handleRank(edge, openExchange(request, response, counting(edge, endpoint.path)), endpoint);
  };
}

/** Runs after the path was normalised. */
function takeFeedback(edge: FeedbackEdge): RequestHandler {
  return (request, response, next) => {
    if (request.url !== feedbackPath) return next();
    void handleFeedback(edge, openExchange(request, response, counting(edge, feedbackPath)));
  };
}

function counting({ config, metrics, tracing, isDraining }: Edge, endpoint: string): ExchangeOptions {
  return { endpoint, metrics, tracing, isDraining, answerTimeoutMs: config.bodyTimeoutMs };
}

function answerNotFound(edge: Edge): RequestListener {
  const others = rankEndpoints.map(({ path }) => path).filter((path) => path !== '/rerank');
  const failure = failureOf(
    'route_not_found',
    `No route has this path. Rerank with POST /rerank, or POST to one of: ${others.join(', ')}.`,
  );
  return (request, response) => {
    const exchange = openExchange(request, response, counting(edge, otherLabel));
    refuse(exchange, failure);
  };
}

/** Errors of the router itself: a path that cannot be decoded, otherwise an internal error. */
function answerUnexpected(
  edge: Edge,
  { request, response, error }: { request: IncomingMessage; response: ServerResponse; error: unknown },
): void {
  const exchange = openExchange(request, response, counting(edge, otherLabel));
  const isBadPath = error instanceof URIError;
  if (!isBadPath) logFault(edge.logger, exchange, error);
  refuse(
    exchange,
    isBadPath
      ? failureOf('invalid_value', 'The path is not valid percent-encoded text.')
      : internalFailure(exchange.requestId),
  );
}

/** Uses the error shape of the path's prefix, because no body is available to choose the dialect. */
function refuse(exchange: Exchange, failure: Failure): void {
  const { request, requestId } = exchange;
  const dialect = fallbackDialects[familyOfPrefix(normalisePath(request.url ?? ''))];
  send(exchange, failureReply(failure, dialect.render({ ok: false, failure, requestId })));
}
