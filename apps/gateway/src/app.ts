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

/** What the application is made of. */
export interface AppOptions {
  config: EdgeConfig;
  fleet: Fleet;
  metrics: RequestMetrics;
  logger: Edge['logger'];
  tracing: Edge['tracing'];
  /** The account of what bodies hold, whose figures the metrics tell. */
  heldBytes: HeldBytes;
  /** True from the moment the process has been told to end: answers then ask callers to reconnect. */
  isDraining(): boolean;
  /** The web page. */
  playground: Playground;
  /** Folder with the files of swagger-ui-dist. */
  swaggerFolder: string;
}

/**
 * The HTTP edge: ranks on every path of {@link rankEndpoints}, and serves what clients and people ask for around it.
 * Ranking is looked up before any router: it is the path whose cost counts. What nothing takes comes back from Express,
 * whose own answer is a page of HTML.
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
    const leftOver = (error?: unknown) => {
      if (error) answerUnexpected(edge, { request, response, error });
      else notFound(request, response);
    };
    app(request as Request, response as Response, leftOver);
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

/** Paths are normalised by then. */
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
    `There is nothing at this path. Rerank with POST /rerank, or POST to one of: ${others.join(', ')}.`,
  );
  return (request, response) => {
    const exchange = openExchange(request, response, counting(edge, otherLabel));
    refuse(exchange, failure);
  };
}

/** Faults of the router itself: a path that does not decode, else one of ours. */
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

/** In the shape of the path's prefix: there is no body yet that could decide. */
function refuse(exchange: Exchange, failure: Failure): void {
  const { request, requestId } = exchange;
  const dialect = fallbackDialects[familyOfPrefix(normalisePath(request.url ?? ''))];
  send(exchange, failureReply(failure, dialect.render({ ok: false, failure, requestId })));
}
