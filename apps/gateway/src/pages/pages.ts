import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type Request, type Response, Router } from 'express';
import { plainRefusal } from '../dialects/error-body';
import { docsInitializer, docsPage, swaggerFiles } from './docs';
import { refusedAccess } from '../http/access';
import { type Edge, logFault, readinessOf } from '../rank/edge';
import { getRoutes } from '../rank/endpoints';
import { type Exchange, type Reply, openExchange, send } from '../http/exchange';
import { failureOf, internalFailure } from '../http/failure';
import { describeFleet } from './fleet-answer';
import { noSuchModelMessage } from '../dialects/model-name';
import { findModel } from '../rank/find-model';
import { describeInfo, describeModel, describeModelList } from './models';
import { pageSecurity } from './page-security';
import { markSession, type Playground, sendPageFile } from './playground';

/** Builds the answer to a GET. Returns undefined if it has sent the answer itself. */
type Answerer = (exchange: Exchange, request: Request, response: Response) => Answer | Promise<Answer>;
type Answer = Reply | undefined;

type Get = (expressPath: string, route: { path: string; requiresKey: boolean }, answer: Answerer) => void;

/** The contents of the pages. */
export interface PageParts {
  /** Creates the description of the API. */
  describeApi(): object;
  playground: Playground;
  swaggerFolder: string;
}

/** All routes except ranking. They answer only GET and HEAD, from memory, a file or the registry. */
export function createPages(edge: Edge, parts: PageParts): Router {
  const router = Router({ caseSensitive: true });
  const get: Get = (expressPath, route, answer) => {
    // express awaits the promise and handles its rejection
    router.all(expressPath, (request, response) => serve(edge, { route, answer, request, response }));
  };
  get('/v1/models', getRoutes.models, () => listModels(edge));
  get('/v1/models/*name', getRoutes.model, (_exchange, request) => showModel(edge, nameOf(request)));
  get('/info', getRoutes.info, () => showInfo(edge));
  get('/v1/fleet', getRoutes.fleet, () => showFleet(edge));
  get('/v1/cluster/auth', getRoutes.clusterAuth, () => ok({ auth: edge.config.apiKeys.length > 0 }));
  get('/health', getRoutes.health, () => ok({ status: 'alive' }));
  get('/ready', getRoutes.ready, () => readiness(edge));
  get('/.well-known/ready', getRoutes.weaviateReady, () => readiness(edge));
  addPlayground(get, edge, parts.playground);
  addDescription(get, parts.describeApi);
  addDocs(get, parts.swaggerFolder);
  return router;
}

function addPlayground(get: Get, { metrics }: Edge, playground: Playground): void {
  const secure = pageSecurity();
  get('/', getRoutes.page, (_exchange, request, response) => {
    if (request.method === 'GET' && markSession(request, response) === 'new') {
      response.once('finish', () => metrics.sessionStarted());
    }
    secure(request, response, () => sendPageFile({ request, response }, playground.index, 'ask-each-time'));
    return undefined;
  });
  get('/assets/:asset', getRoutes.pageAsset, (_exchange, request, response) => {
    const file = playground.assets.get(String(request.params['asset']));
    if (file === undefined) return noSuchFile();
    secure(request, response, () => sendPageFile({ request, response }, file, 'for-ever'));
    return undefined;
  });
}

function addDescription(get: Get, describe: () => object): void {
  let description: string | undefined;
  get('/openapi.json', getRoutes.openapi, (_exchange, _request, response) => {
    // the same for all callers, and long: created at the first request
    description ??= JSON.stringify(describe());
    return sendText(response, 'json', description);
  });
}

function sendText(response: Response, type: string, text: string): undefined {
  response.type(type).send(text);
  return undefined;
}

function addDocs(get: Get, swaggerFolder: string): void {
  const secure = pageSecurity();
  const assets = new Map<string, Buffer>();
  // sent whole from memory: a file server would answer conditional and range requests with its own errors
  const readAsset = (asset: string): Buffer => {
    const bytes = assets.get(asset) ?? readFileSync(join(swaggerFolder, asset));
    assets.set(asset, bytes);
    return bytes;
  };
  const sendBytes = (response: Response, asset: string, bytes: Buffer): undefined => {
    response.type(extname(asset)).send(bytes);
    return undefined;
  };
  get('/docs', getRoutes.docs, (_exchange, request, response) => {
    // The page's addresses are relative to its own, which must not end in a slash.
    if (request.originalUrl.endsWith('/')) return { status: 308, body: {}, headers: { location: '../docs' } };
    secure(request, response, () => sendText(response, 'html', docsPage));
    return undefined;
  });
  get('/docs/:asset', getRoutes.docsAsset, (_exchange, request, response) => {
    const asset = String(request.params['asset']);
    if (asset !== 'initializer.js' && !swaggerFiles.includes(asset)) return noSuchFile();
    secure(request, response, () =>
      asset === 'initializer.js'
        ? sendText(response, 'js', docsInitializer)
        : sendBytes(response, asset, readAsset(asset)),
    );
    return undefined;
  });
}

interface PageRequest {
  route: { path: string; requiresKey: boolean };
  answer: Answerer;
  request: Request;
  response: Response;
}

/** About how long a new worker takes to load a model and announce itself. */
const workerStartS = 5;

/** Not counted: probes would be most of the request rate. */
const probes = [getRoutes.health, getRoutes.ready, getRoutes.weaviateReady];
const uncounted: readonly string[] = probes.map(({ path }) => path);

async function serve(edge: Edge, { route, answer, request, response }: PageRequest): Promise<void> {
  const exchange = openExchange(request, response, {
    endpoint: uncounted.includes(route.path) ? undefined : route.path,
    metrics: edge.metrics,
    tracing: edge.tracing,
    isDraining: edge.isDraining,
    answerTimeoutMs: edge.config.bodyTimeoutMs,
  });
  response.setHeader('x-request-id', exchange.requestId);
  try {
    const first =
      (route.requiresKey ? edge.origins.applyCors(exchange, 'GET') : undefined) ?? refusalOf(edge, route, request);
    const reply = first ?? (await answer(exchange, request, response));
    if (reply) send(exchange, reply);
  } catch (error) {
    logFault(edge.logger, exchange, error);
    send(exchange, plainRefusal(internalFailure(exchange.requestId)));
  }
}

function refusalOf(edge: Edge, route: { requiresKey: boolean }, request: Request): Reply | undefined {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    const failure = failureOf('method_not_allowed', 'This path answers GET. Rerank with POST /rerank.');
    return plainRefusal(failure, { allow: 'GET, HEAD' });
  }
  const accessFailure = route.requiresKey ? refusedAccess(edge, request) : undefined;
  return accessFailure && plainRefusal(accessFailure);
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}

function noSuchFile(): Reply {
  return plainRefusal(failureOf('route_not_found', 'No such file.'));
}

function listModels({ fleet, config }: Edge): Reply {
  return ok(describeModelList(fleet.models(), config));
}

function showModel({ fleet, config }: Edge, name: string): Reply {
  const models = fleet.models();
  const model = findModel(models, name, config.modelAliases);
  if (model) return ok(describeModel(model, models, config));
  const message = noSuchModelMessage(models.map((one) => one.name));
  return plainRefusal(failureOf('model_not_found', message, { field: 'model' }));
}

function showInfo({ fleet, config }: Edge): Reply {
  const models = fleet.models();
  const model = findModel(models, 'default');
  if (model) return ok(describeInfo(model, models, config));
  return plainRefusal({
    ...failureOf('no_worker', 'No worker serves the default model at the moment.'),
    retryAfterS: workerStartS,
  });
}

async function showFleet({ fleet, config }: Edge): Promise<Reply> {
  const state = await fleet.state();
  return ok(describeFleet(state, { isRedisUp: fleet.redisTrouble() === undefined, links: config.links }));
}

function readiness(edge: Edge): Reply {
  const body = readinessOf(edge);
  return { status: body.ready ? 200 : 503, body };
}

function nameOf(request: Request): string {
  const name: unknown = request.params['name'];
  return Array.isArray(name) ? name.join('/') : String(name);
}
