import { type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { type Ranking, type RerankRequest, sigmoid } from '@rerank-fleet/contract';
import { type FinishedRequest, type RankingFacts, createGatewayMetrics } from '@rerank-fleet/metrics';
import { createLogger, noTracing, parseConfig, type Tracing } from '@rerank-fleet/service-shell';
import { createApp } from './app';
import { configSchema, edgeConfig } from './config';
import { findSwaggerFolder } from './pages/docs';
import { endpointDeclarations, type RankEndpoint } from './rank/endpoints';
import type { RequestMetrics } from './http/exchange';
import type { Fleet, ModelView, RankOptions, RankOutcome } from './rank/fleet';
import { createHeldBytes, type HeldBytes } from './http/held-bytes';
import type { PageFile, Playground } from './pages/playground';
import { createServer } from './http/server';
import { createRefusalAnswer } from './rank/refusals';

/** A live bundle as the fleet returns it. */
export const someModel: ModelView = {
  name: 'multilingual-e5-small',
  version: '2',
  aliases: ['intfloat/multilingual-e5-small', 'e5'],
  isDefault: true,
  head: 'late-interaction',
  revision: 'sha256-abc',
  source: 'intfloat/multilingual-e5-small',
  templateVersion: '1',
  takesInstruction: false,
  maxLengthTokens: 512,
  dtype: 'int8',
  provider: 'cpu',
  sessions: 2,
  batchTokens: 512,
  tokensPerSecond: 900,
  workers: 3,
};

/** A minimal page. */
const somePage: Playground = {
  index: pageFile('.html', '<!doctype html><title>page</title>'),
  assets: new Map([['page-1a2b.js', pageFile('.js', 'document.title = "page";')]]),
};

function pageFile(extension: string, text: string): PageFile {
  return { extension, bytes: Buffer.from(text), gzipped: gzipSync(text) };
}

/** A ranking whose logits depend only on each text. Members can be replaced. */
export function rankingOf(request: RerankRequest, requestId: string, changes: Partial<Ranking> = {}): Ranking {
  const results = request.documents
    .map((text, index) => ({ index, logit: fakeLogit(text), score: sigmoid(fakeLogit(text)) }))
    .sort((left, right) => right.logit - left.logit || left.index - right.index)
    .slice(0, request.topN);
  return {
    requestId,
    bundle: { name: someModel.name, version: someModel.version },
    results,
    truncated: [],
    tokens: { query: 5, documents: 7 * request.documents.length },
    timings: { queueMs: 1.5, tokenizationMs: 0.25, inferenceMs: 12 },
    ...changes,
  };
}

function fakeLogit(text: string): number {
  let hash = 7;
  for (let at = 0; at < text.length; at++) hash = (hash * 31 + text.charCodeAt(at)) | 0;
  return (hash % 1000) / 200;
}

/** A fleet that records its requests and answers with `rank`. */
export interface FakeFleet extends Fleet {
  asked: { request: RerankRequest; options: RankOptions }[];
  isUp: boolean;
}

/** Ranks with {@link rankingOf} by default. */
export function fakeFleet(
  rank: (request: RerankRequest, options: RankOptions) => Promise<RankOutcome> = async (request, options) => ({
    ok: true,
    ranking: rankingOf(request, options.requestId),
  }),
  models: ModelView[] = [someModel],
): FakeFleet {
  const fleet: FakeFleet = {
    asked: [],
    isUp: true,
    rank(request, options) {
      fleet.asked.push({ request, options });
      return rank(request, options);
    },
    models: () => models,
    state: async () => ({
      gateways: 2,
      queuedBytes: 300,
      bundles: models.map((model) => ({ ...model, queuedTokens: 450, limitTokens: 81_000 })),
    }),
    redisTrouble: () => (fleet.isUp ? undefined : 'away'),
  };
  return fleet;
}

/** What was counted and logged. */
interface Observed {
  started: string[];
  finished: FinishedRequest[];
  rankings: RankingFacts[];
  logLines: string[];
}

/** A gateway's HTTP application on a free port. */
export interface TestEdge {
  url: string;
  port: number;
  fleet: FakeFleet;
  observed: Observed;
  heldBytes: HeldBytes;
  /** The number of open connections on the server's side. */
  connections(): Promise<number>;
  metricsPage(): Promise<string>;
  startDraining(): void;
  close(): Promise<void>;
}

/** Metrics that record each call before it is counted. */
function observedMetrics(real: RequestMetrics, observed: Observed): RequestMetrics {
  return {
    requestStarted: (endpoint) => (observed.started.push(endpoint), real.requestStarted(endpoint)),
    requestFinished: (request) => (observed.finished.push(request), real.requestFinished(request)),
    rankingRequested: (facts) => (observed.rankings.push(facts), real.rankingRequested(facts)),
    feedbackGiven: real.feedbackGiven,
    sessionStarted: real.sessionStarted,
  };
}

/** Starts the application with a fake fleet. `env` is the operator's configuration. */
export async function startEdge({
  env = {},
  fleet = fakeFleet(),
  tracing = noTracing,
}: { env?: Record<string, string>; fleet?: FakeFleet; tracing?: Tracing } = {}): Promise<TestEdge> {
  const config = edgeConfig(parseConfig(configSchema, env));
  const observed: Observed = { started: [], finished: [], rankings: [], logLines: [] };
  const heldBytes = createHeldBytes(config.maxHeldBytes);
  const real = createGatewayMetrics({ endpoints: endpointDeclarations, heldBytes });
  let isDraining = false;
  const metrics = observedMetrics(real, observed);
  const app = createApp({
    config,
    fleet,
    metrics,
    logger: createLogger({
      app: 'gateway',
      level: 'error',
      destination: { write: (line) => void observed.logLines.push(line) },
    }),
    tracing,
    heldBytes,
    isDraining: () => isDraining,
    playground: somePage,
    swaggerFolder: findSwaggerFolder(__dirname),
  });
  const server = createServer(app, config, createRefusalAnswer(metrics));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    fleet,
    observed,
    heldBytes,
    connections: () => promisify(server.getConnections.bind(server))(),
    metricsPage: () => real.render(),
    startDraining: () => (isDraining = true),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The path of an endpoint with the parts of its template filled in. */
export function pathOf({ path }: Pick<RankEndpoint, 'path'>): string {
  return path.replace('{name}', 'intfloat/multilingual-e5-small');
}

/** A body as the clients of a family send it. */
export function bodyOf(
  { family }: Pick<RankEndpoint, 'family'>,
  query = 'q',
  documents: string[] = ['a', 'b'],
): object {
  switch (family) {
    case 'body-decides':
    case 'voyage':
    case 'hugging-face':
    case 'infinity':
    case 'pinecone':
    case 'openrouter':
    case 'zeroentropy':
      return { query, documents };
    case 'score':
      return { text_1: query, text_2: documents };
    case 'deepinfra':
      return { queries: [query], documents };
    case 'isaacus':
      return { query, texts: documents };
    case 'dash-scope':
      return { input: { query, documents } };
    case 'nvidia':
      return { query: { text: query }, passages: documents.map((text) => ({ text })) };
    default:
      return family satisfies never;
  }
}

/** An answer as received. */
export interface WireAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** Undefined if the text is not JSON. */
  json: unknown;
}

/** A request. Objects are sent as JSON; strings and bytes unchanged. */
export interface WireRequest {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

/** Sends one request on its own connection. Adds no header except `content-type` if there is a body. */
export function call(edge: Pick<TestEdge, 'port'>, wire: WireRequest = {}): Promise<WireAnswer> {
  const { path = '/rerank', method = 'POST', headers = {}, body } = wire;
  const bytes = bytesOf(body);
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        host: '127.0.0.1',
        port: edge.port,
        path,
        method,
        agent: false,
        headers: {
          ...(bytes === undefined ? {} : { 'content-type': 'application/json', 'content-length': bytes.length }),
          ...headers,
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json: parsed(text) });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(bytes);
  });
}

function bytesOf(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Resolves when the condition is true. The test runner's time limit ends a wait that never does. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
