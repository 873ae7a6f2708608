import type { RequestListener } from 'node:http';
import express from 'express';
import type { Request, Response } from 'express';
import { expositionTypes, type Exposition, type ExpositionFormat } from '@rerank-fleet/metrics';
import { createHttpServer } from './http-server';
import type { Listening } from './listen';
import { closeServer, listen } from './listen';
import type { Logger } from '../logging/logger';

/** Whether a process can do its work now. */
export interface Readiness {
  ready: boolean;
  /** What is missing, in our own words; empty when ready. */
  reasons: string[];
}

/** What an application gives its ops server. */
export interface OpsServerOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Take any free port when this one is in use; default false. */
  portFallback?: boolean;
  metrics: Exposition;
  /** Asked on every `GET /ready`; must answer from memory, without waiting for anything. */
  isReady: () => Readiness;
  logger: Pick<Logger, 'error'>;
}

/** A running ops server. */
export interface OpsServer extends Listening {
  close(): Promise<void>;
}

const closeGraceMs = 1_000;
/** What an `accept` header may name that a page of metrics can be given for. */
const formatsByType = new Map<string, ExpositionFormat>([
  ['text/plain', 'text'],
  ['text/*', 'text'],
  ['*/*', 'text'],
  ['application/openmetrics-text', 'openMetrics'],
]);

/**
 * Serves what operators and Prometheus read, on a port of its own: `GET /metrics`, `/health` (200 while the process
 * lives) and `/ready` (200, or 503 with the reasons). None of them waits for Redis or a model.
 *
 * @throws the server's own error when the address cannot be used
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
  // Express itself would answer what is left with a page of HTML
  return (request, response) =>
    app(request as Request, response as Response, () => sendJson(response as Response, 404, { error: 'not found' }));
}

/**
 * OpenMetrics for whoever prefers it by its name, otherwise the text that every scraper reads. Which version of either is
 * asked for plays no part: we have one of each, and the answer's type names it.
 */
function formatFor(request: Request): ExpositionFormat {
  const [format = 'text'] = request.accepts().flatMap((type) => formatsByType.get(type.toLowerCase()) ?? []);
  return format;
}

/** A check that throws means not ready: the process itself must stay observable. */
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
