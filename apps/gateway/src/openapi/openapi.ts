import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import {
  errorCodes,
  feedbackAnswerSchema,
  fleetSchema,
  limitsSchema,
  modelListSchema,
  modelSchema,
} from '@rerank-fleet/contract';
import type { EdgeConfig } from '../config';
import {
  type RankEndpoint,
  doubledPaths,
  feedbackPath,
  feedbackStatuses,
  getRoutes,
  rankEndpoints,
} from '../rank/endpoints';
import { errorSchema } from '../dialects/answer-schemas';
import { feedbackSchema } from '../feedback/schema';
import { statusOf } from '../http/failure';
import { maxJsonValues } from '../http/json-body';
import { infoSchema } from '../pages/models';
import { familyShapes } from './shapes';
import { waitRangeMs } from '../http/request-wait';
import { version } from '../pages/version';
import { named, z } from '../dialects/zod';

type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>;

/** Creates the API's description from the schemas that validate requests. */
export function openApiDocument(config: EdgeConfig): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'apiKey', { type: 'http', scheme: 'bearer' });
  for (const endpoint of rankEndpoints) registry.registerPath(rankRoute(endpoint, config));
  registry.registerPath(feedbackRoute(config));
  for (const route of getOperations(config)) registry.registerPath(route);
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: 'Rerank Fleet', version, description },
    servers: [{ url: '.' }],
  });
}

const description =
  'Ranks documents by their relevance to a query. At every path, a request that cannot be routed is also answered with ' +
  'an error: 400 `malformed_request`, 408 `headers_timeout`, 417 `expectation_failed` and 431 `headers_too_large`.';

named(limitsSchema, 'Limits');
named(modelSchema, 'Model');
named(modelListSchema, 'ModelList');
named(fleetSchema, 'Fleet');

const json = (schema: z.ZodType) => ({ 'application/json': { schema } });

const modelInPath = z.object({
  name: z.string().openapi({ description: 'The model, if the body names none. It may contain slashes.' }),
});

function rankRoute({ path, family }: RankEndpoint, config: EdgeConfig): RouteConfig {
  const { request, answer, error, summary } = familyShapes[family];
  const params = path.includes('{name}') ? { params: modelInPath } : {};
  return {
    method: 'post',
    path,
    tags: ['rerank'],
    summary,
    description: limitsText(config) + doubledText(path),
    ...security(config),
    request: { ...params, headers: rankRequestHeaders, body: { required: true, content: json(request) } },
    responses: {
      200: { description: 'The ranking.', headers: rankAnswerHeaders, content: json(answer) },
      ...errorResponses(error),
    },
  };
}

function feedbackRoute(config: EdgeConfig): RouteConfig {
  const all = Object.entries(errorResponses(errorSchema));
  return {
    method: 'post',
    path: feedbackPath,
    tags: ['rerank'],
    summary: 'Judge an earlier ranking by graded or clicked documents, for the online nDCG and MRR.',
    description:
      `A gateway keeps its last ${config.feedbackMemory} rankings. For others send \`model\` and each \`rank\`. ` +
      'Only the first feedback to a kept ranking counts.',
    ...security(config),
    request: { body: { required: true, content: json(feedbackSchema) } },
    responses: {
      200: { description: 'The quality of the ranking.', content: json(feedbackAnswerSchema) },
      ...Object.fromEntries(all.filter(([status]) => feedbackStatuses.includes(Number(status)))),
    },
  };
}

function limitsText(config: EdgeConfig): string {
  return (
    `At most ${config.maxDocuments} documents of ${config.maxTextCharacters} UTF-16 code units each, ` +
    `${config.maxBodyBytes} bytes after decompression, nested ${config.maxJsonDepth} levels deep, ${maxJsonValues(config)} JSON values. ` +
    'The body may be compressed with gzip or deflate.'
  );
}

function doubledText(path: string): string {
  const doubled = [...doubledPaths].filter(([, meant]) => meant === path).map(([one]) => `\`${one}\``);
  return doubled.length === 0
    ? ''
    : ` Also at ${doubled.join(', ')}: base URLs that already end in a version or the path.`;
}

const rankRequestHeaders = z.object({
  'x-request-timeout-ms': z
    .number()
    .int()
    .min(waitRangeMs.min)
    .max(waitRangeMs.max)
    .optional()
    .openapi({ description: 'How long to wait for the ranking.' }),
  traceparent: z.string().optional().openapi({ description: 'W3C trace context of the caller.' }),
});

const requestIdHeader = z.string().openapi({ description: 'Id of the request. Include it in reports of errors.' });
const milliseconds = z.number().openapi({ description: 'Milliseconds.' });

const rankAnswerHeaders = z.object({
  'x-request-id': requestIdHeader,
  'x-model': z.string().openapi({ description: 'The model that scored, as `<name>@<version>`.' }),
  'x-total-time': milliseconds,
  'x-queue-time': milliseconds,
  'x-tokenization-time': milliseconds,
  'x-inference-time': milliseconds,
  'x-compute-tokens': z.number().int().openapi({ description: 'Tokens that were read; the query counts once.' }),
  'x-truncated-documents': z.number().int().optional().openapi({ description: 'The number of truncated documents.' }),
  'x-warnings': z
    .string()
    .optional()
    .openapi({ description: 'For bodies without `warnings`: the same sentences, separated by semicolons.' }),
});

/** One response per status, with its error codes. 499 is never sent. */
function errorResponses(schema: z.ZodType): RouteConfig['responses'] {
  const sent = errorCodes.filter((code) => code !== 'cancelled');
  const statuses = [...new Set(sent.map((code) => statusOf[code]))];
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: sent.filter((code) => statusOf[code] === status).join(', '),
        headers: errorHeaders(status),
        // at that point the path is not known yet
        content: json(status === statusOf.headers_too_large ? errorSchema : schema),
      },
    ]),
  );
}

function errorHeaders(status: number): z.ZodObject {
  const own = z.object({ 'x-request-id': requestIdHeader });
  if (status === 401) return own.extend({ 'www-authenticate': z.string() });
  if (status === 405) return own.extend({ allow: z.string() });
  return status === 429 || status === 503
    ? own.extend({ 'retry-after': z.number().int().openapi({ description: 'Whole seconds.' }) })
    : own;
}

function security({ apiKeys }: EdgeConfig): Pick<RouteConfig, 'security'> {
  return apiKeys.length === 0 ? {} : { security: [{ apiKey: [] }] };
}

function getOperations(config: EdgeConfig): RouteConfig[] {
  const ready = z.object({ ready: z.boolean(), reasons: z.array(z.string()) });
  const name = z.object({
    name: z.string().openapi({ description: 'Name, `<name>@<version>` or alias. It may contain slashes.' }),
  });
  const page = { 'text/html': { schema: z.string() } };
  const operations: (GetOperation & { route: { path: string; requiresKey: boolean } })[] = [
    { route: getRoutes.models, summary: 'The models that live workers serve.', content: json(modelListSchema) },
    { route: getRoutes.model, summary: 'One model.', content: json(modelSchema), params: name, errors: [404] },
    {
      route: getRoutes.info,
      summary: "TEI's facts about the default model.",
      content: json(infoSchema),
      errors: [503],
    },
    {
      route: getRoutes.fleet,
      summary: 'The backlog and the capacity of the fleet.',
      content: json(fleetSchema),
    },
    {
      route: getRoutes.clusterAuth,
      summary: "Whether a key is needed, for Xinference's clients.",
      content: json(z.object({ auth: z.boolean() })),
    },
    { route: getRoutes.health, summary: 'The process is running.', content: json(z.object({ status: z.string() })) },
    {
      route: getRoutes.ready,
      summary: 'Redis answers and the process is not shutting down.',
      content: json(ready),
      errors: [503],
    },
    {
      route: getRoutes.weaviateReady,
      summary: "The same, at the path that Weaviate's module requests before it starts.",
      content: json(ready),
      errors: [503],
    },
    { route: getRoutes.page, summary: 'The playground: rank, compare and explain in a browser.', content: page },
    { route: getRoutes.docs, summary: 'This description as a page.', content: page },
    { route: getRoutes.openapi, summary: 'This description.', content: json(z.looseObject({})) },
  ];
  return operations.map(({ route, ...operation }) => getRoute(route, operation, config));
}

interface GetOperation {
  summary: string;
  content: ReturnType<typeof json> | { 'text/html': { schema: z.ZodType } };
  params?: z.ZodObject;
  /** The statuses besides 200 and, where a key is required, 401 and 403. */
  errors?: readonly number[];
}

function getRoute(
  { path, requiresKey }: { path: string; requiresKey: boolean },
  { summary, content, params, errors = [] }: GetOperation,
  config: EdgeConfig,
): RouteConfig {
  const keyStatuses = config.apiKeys.length > 0 ? [401, 403] : [403];
  const statuses = [...errors, ...(requiresKey ? keyStatuses : [])];
  const failures = statuses.map((status) => [status, { description: `Error ${status}.`, content: json(errorSchema) }]);
  return {
    method: 'get',
    path,
    tags: ['service'],
    summary,
    ...(requiresKey ? security(config) : {}),
    ...(params ? { request: { params } } : {}),
    responses: { 200: { description: 'OK', content }, ...Object.fromEntries(failures) },
  };
}
