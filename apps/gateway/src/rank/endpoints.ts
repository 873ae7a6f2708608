import type { EndpointDeclaration } from '@rerank-fleet/metrics';
import type { EndpointFamily } from '../dialects/families';
import { statusOf } from '../http/failure';

/** One path that ranks. */
export interface RankEndpoint {
  /** A template if a part of the path varies. */
  path: string;
  family: EndpointFamily;
  /** The model in the path, for bodies that name none. */
  modelInPath?: string;
  /** GET at this path returns a page. */
  isPageToo?: true;
}

/** Paths with a model's name, which may contain slashes. */
const modelEndpoints: readonly (RankEndpoint & { pattern: RegExp })[] = [
  { path: '/v1/retrieval/{name}/reranking', family: 'nvidia', pattern: /^\/v1\/retrieval\/(.+)\/reranking$/ },
  { path: '/v1/inference/{name}', family: 'deepinfra', pattern: /^\/v1\/inference\/(.+)$/ },
];

/** Every path on which `POST` ranks. The path is also the `endpoint` label of its metrics. */
export const rankEndpoints: readonly RankEndpoint[] = [
  { path: '/rerank', family: 'body-decides' },
  { path: '/v1/rerank', family: 'body-decides' },
  { path: '/v2/rerank', family: 'body-decides' },
  { path: '/reranks', family: 'body-decides' },
  { path: '/v1/reranks', family: 'body-decides' },
  { path: '/compatible-api/v1/reranks', family: 'body-decides' },
  { path: '/inference/v1/rerank', family: 'body-decides' },
  { path: '/reranking', family: 'body-decides' },
  { path: '/v1/reranking', family: 'body-decides' },
  { path: '/voyage/v1/rerank', family: 'voyage' },
  { path: '/hf/rerank', family: 'hugging-face' },
  { path: '/infinity/rerank', family: 'infinity' },
  { path: '/infinity/v1/rerank', family: 'infinity' },
  { path: '/api/v1/services/rerank/text-rerank/text-rerank', family: 'dash-scope' },
  { path: '/v1/ranking', family: 'nvidia' },
  { path: '/pinecone/rerank', family: 'pinecone' },
  { path: '/api/v1/rerank', family: 'openrouter' },
  { path: '/score', family: 'score' },
  { path: '/v1/score', family: 'score' },
  { path: '/v1/models/rerank', family: 'zeroentropy', isPageToo: true },
  { path: '/v1/rerankings', family: 'isaacus' },
  ...modelEndpoints.map(({ path, family }) => ({ path, family })),
];

/**
 * Paths that clients build from a base URL which already ends in a version or in the path, and the intended endpoint.
 * Its path is also their metrics label.
 */
export const doubledPaths: ReadonlyMap<string, string> = new Map([
  ['/v1/v1/rerank', '/v1/rerank'],
  ['/v2/v1/rerank', '/v1/rerank'],
  ['/rerank/v1/rerank', '/v1/rerank'],
  ['/v1/rerank/rerank', '/v1/rerank'],
  ['/v1/v2/rerank', '/v2/rerank'],
  ['/v2/v2/rerank', '/v2/rerank'],
  ['/rerank/v2/rerank', '/v2/rerank'],
  ['/v1/v1/reranking', '/v1/reranking'],
  ['/v1/v1/score', '/v1/score'],
]);

const rankEndpointByPath = new Map(rankEndpoints.map((endpoint) => [endpoint.path, endpoint]));

/** The rank endpoint of a normalised path. */
export function rankEndpointOf(path: string): RankEndpoint | undefined {
  for (const { pattern, ...endpoint } of modelEndpoints) {
    const name = pattern.exec(path)?.[1];
    if (name !== undefined) return { ...endpoint, modelInPath: decoded(name) };
  }
  return rankEndpointByPath.get(doubledPaths.get(path) ?? path);
}

/** A text that cannot be decoded is returned unchanged: no model has such a name. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The path of feedback. */
export const feedbackPath = '/v1/feedback';

/** Statuses of {@link feedbackPath}. */
export const feedbackStatuses: readonly number[] = [200, 400, 401, 403, 404, 405, 408, 413, 415, 422, 429, 499, 500];

/** Pages and facts, all by GET. `requiresKey`: whether a configured API key is required. */
export const getRoutes = {
  models: { path: '/v1/models', requiresKey: true },
  model: { path: '/v1/models/{name}', requiresKey: true },
  info: { path: '/info', requiresKey: true },
  fleet: { path: '/v1/fleet', requiresKey: true },
  clusterAuth: { path: '/v1/cluster/auth', requiresKey: false },
  health: { path: '/health', requiresKey: false },
  ready: { path: '/ready', requiresKey: false },
  weaviateReady: { path: '/.well-known/ready', requiresKey: false },
  page: { path: '/', requiresKey: false },
  pageAsset: { path: '/assets/{asset}', requiresKey: false },
  docs: { path: '/docs', requiresKey: false },
  docsAsset: { path: '/docs/{asset}', requiresKey: false },
  openapi: { path: '/openapi.json', requiresKey: false },
} as const satisfies Record<string, { path: string; requiresKey: boolean }>;

/** Statuses of requests that are refused before routing. They count under no endpoint. */
const unroutedStatuses: readonly number[] = [statusOf.expectation_failed, statusOf.headers_too_large];

/** Every status that is counted at a rank endpoint, ascending. */
export const rankStatuses: readonly number[] = [...new Set([200, ...Object.values(statusOf)])]
  .filter((status) => !unroutedStatuses.includes(status))
  .sort((left, right) => left - right);

/** The endpoints that the metrics must know before the first request. All other paths share one label. */
export const endpointDeclarations: readonly EndpointDeclaration[] = [
  ...rankEndpoints.map(({ path }) => ({ method: 'POST' as const, endpoint: path, codes: rankStatuses })),
  { method: 'POST', endpoint: feedbackPath, codes: feedbackStatuses },
  { method: 'GET', endpoint: getRoutes.models.path, codes: [200, 401, 403, 500] },
  { method: 'GET', endpoint: getRoutes.model.path, codes: [200, 401, 403, 404, 500] },
  { method: 'GET', endpoint: getRoutes.info.path, codes: [200, 401, 403, 500, 503] },
  { method: 'GET', endpoint: getRoutes.fleet.path, codes: [200, 401, 403, 500] },
  { method: 'GET', endpoint: getRoutes.clusterAuth.path, codes: [200, 500] },
  { method: 'GET', endpoint: getRoutes.page.path, codes: [200, 500] },
  { method: 'GET', endpoint: getRoutes.pageAsset.path, codes: [200, 404, 500] },
  { method: 'GET', endpoint: getRoutes.docs.path, codes: [200, 500] },
  { method: 'GET', endpoint: getRoutes.docsAsset.path, codes: [200, 404, 500] },
  { method: 'GET', endpoint: getRoutes.openapi.path, codes: [200, 500] },
];

/**
 * The path of a request target: without the query string, with repeated slashes collapsed and a trailing one removed.
 * Base URLs with an extra or missing slash are the most common mistake of clients. A URL without a path has the path
 * `/`.
 */
export function normalisePath(target: string): string {
  const queryAt = target.indexOf('?');
  const path = (queryAt === -1 ? target : target.slice(0, queryAt)).replace(/^https?:\/\/[^/]*/i, '');
  const collapsed = path.includes('//') ? path.replace(/\/{2,}/g, '/') : path;
  return collapsed.length > 1 && collapsed.endsWith('/') ? collapsed.slice(0, -1) : collapsed || '/';
}
