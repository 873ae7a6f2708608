import type { RequestListener } from 'node:http';
import express from 'express';
import type { Request, Response } from 'express';
import { expositionTypes, type Exposition, type ExpositionFormat } from '@rerank-fleet/metrics';
import { createHttpServer } from './http-server';
import type { Listening } from './listen';
import { closeServer, listen } from './listen';
import type { Logger } from '../logging/logger';

/** Whether a process can work now. */
export interface Readiness {
  ready: boolean;
  /** What is missing, without any foreign text. Empty if ready. */
  reasons: string[];
}

/** The options of an ops server. */
export interface OpsServerOptions {
  host: string;
  /** 0 selects a free port. */
  port: number;
  /** Whether to select a free port if this one is in use. Default: false. */
  portFallback?: boolean;
  metrics: Exposition;
  /** Called on every `GET /ready`. It must answer from memory, without waiting. */
  isReady: () => Readiness;
  logger: Pick<Logger, 'error'>;
}

/** A running ops server. */
export interface OpsServer extends Listening {
  close(): Promise<void>;
}

const closeGraceMs = 1_000;
/** The values of an `accept` header for which a page of metrics is available. */
const formatsByType = new Map<string, ExpositionFormat>([
  ['text/plain', 'text'],
  ['text/*', 'text'],
  ['*/*', 'text'],
  ['application/openmetrics-text', 'openMetrics'],
]);

/**
 * Serves the endpoints for operators and Prometheus on a separate port: `GET /metrics`, `/health` (200 while the
 * process runs) and `/ready` (200, or 503 with the reasons). None of them waits for Redis or a model.
 *
 * @throws the server's own error if the address cannot be used
 */
export async function startOpsServer(options: OpsServerOptions): Promise<OpsServer> {
  const { host, port, portFallback = false } = options;
  const server = createHttpServer({
    listener: createOpsApp(options),
    answerRefusal: ({ message }) => ({ body: { error: message } }),
  });
  const listening = await listen(server, { host, port, fallback: portFallback });
  return { ...listening, close: () => closeServer(server, closeGraceMs) };
}

function createOpsApp({ metrics, isReady, logger }: OpsServerOptions): RequestListener {
  const app = express().disable('x-powered-by').disable('etag');
  app.get('/metrics', async (request, response) => {
    try {
      const format = formatFor(request);
      const page = await metrics.render(format);
      response.vary('accept').set('content-type', expositionTypes[format]).send(page);
    } catch (error) {
      logger.error('metrics could not be rendered', { error });
      sendJson(response, 500, { error: 'metrics could not be rendered' });
    }
  });
  app.get('/health', (_request, response) => sendJson(response, 200, { status: 'alive' }));
  app.get('/ready', (_request, response) => {
    const readiness = askReadiness(isReady, logger);
    sendJson(response, readiness.ready ? 200 : 503, readiness);
  });
  // otherwise Express would answer with an HTML page
  return (request, response) =>
    app(request as Request, response as Response, () => sendJson(response as Response, 404, { error: 'not found' }));
}

/**
 * OpenMetrics if the client prefers it by name, otherwise the text format that every scraper reads. The requested
 * version is ignored: there is one version of each, and the answer's type states it.
 */
function formatFor(request: Request): ExpositionFormat {
  const [format = 'text'] = request.accepts().flatMap((type) => formatsByType.get(type.toLowerCase()) ?? []);
  return format;
}

/** A check that throws means not ready, because the process itself must stay observable. */
function askReadiness(isReady: () => Readiness, logger: Pick<Logger, 'error'>): Readiness {
  try {
    return isReady();
  } catch (error) {
    logger.error('readiness could not be checked', { error });
    return { ready: false, reasons: ['readiness could not be checked'] };
  }
}

function sendJson(response: Response, status: number, body: object): void {
  response.status(status).set('cache-control', 'no-store').json(body);
}
