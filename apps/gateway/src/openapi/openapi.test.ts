import { errorCodes } from '@rerank-fleet/contract';
import { createSecret, parseConfig } from '@rerank-fleet/service-shell';
import { configSchema, edgeConfig } from '../config';
import { doubledPaths, feedbackPath, getRoutes, rankEndpoints } from '../rank/endpoints';
import { statusOf } from '../http/failure';
import { openApiDocument } from './openapi';
import { call, startEdge, type TestEdge } from '../testing';

interface Operation {
  description?: string;
  responses: Record<string, { description: string }>;
  parameters?: { name: string; in: string; required: boolean }[];
  security?: unknown[];
}
type Paths = Record<string, Record<string, Operation>>;

let edge: TestEdge;
let text: string;
beforeAll(async () => {
  edge = await startEdge();
  ({ text } = await call(edge, { path: '/openapi.json', method: 'GET' }));
});
afterAll(() => edge.close());

const served = () => JSON.parse(text) as { openapi: string; paths: Paths; components: { schemas: object } };

test('is served as OpenAPI 3.1 with every route, and no other', () => {
  const { openapi, paths } = served();
  expect(openapi).toBe('3.1.0');
  const documented = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((verb) => `${verb} ${path}`),
  );
  const assets: string[] = [getRoutes.docsAsset.path, getRoutes.pageAsset.path];
  const routes = Object.values(getRoutes).filter(({ path }) => !assets.includes(path));
  expect(documented.sort()).toEqual(
    [feedbackPath, ...rankEndpoints.map(({ path }) => path)]
      .map((path) => `post ${path}`)
      .concat(routes.map(({ path }) => `get ${path}`))
      .sort(),
  );
});

test('every reference leads to a schema', () => {
  const names = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference);
  expect(names.length).toBeGreaterThan(10);
  const known = Object.keys(served().components.schemas).map((name) => `#/components/schemas/${name}`);
  for (const name of names) expect(known).toContain(name);
});

test('lists which doubled paths are served too, each at the path that is meant', () => {
  for (const [path, meant] of doubledPaths) {
    expect(served().paths[meant]?.['post']?.description).toContain(`\`${path}\``);
  }
});

test('every parameter of a path is described, and every response', () => {
  for (const [path, item] of Object.entries(served().paths)) {
    for (const { parameters = [], responses } of Object.values(item)) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      for (const { description } of Object.values(responses)) expect(description).not.toBe('');
    }
  }
});

test('a rank route documents every status but the one that is never sent', () => {
  for (const { path } of rankEndpoints) {
    const documented = Object.keys(served().paths[path]?.['post']?.responses ?? {}).map(Number);
    const sent = errorCodes.filter((code) => code !== 'cancelled').map((code) => statusOf[code]);
    expect(documented.sort()).toEqual([200, ...new Set(sent)].sort());
  }
});

test('says which requests need which members', () => {
  expect(served().components.schemas).toMatchObject({
    RerankRequest: { required: ['query', 'documents'], properties: { rank_fields: { type: ['array', 'null'] } } },
    TeiRerankRequest: { required: ['query', 'texts'] },
    VoyageRerankRequest: { required: ['query', 'documents'] },
    DashScopeRerankRequest: {
      required: ['input'],
      properties: { input: { required: ['query', 'documents'] }, parameters: { type: ['object', 'null'] } },
    },
    NvidiaRerankRequest: { required: ['query', 'passages'] },
    ScoreRequest: { required: ['text_1', 'text_2'] },
    ScoreItemsRequest: { required: ['queries', 'items'] },
    DeepInfraRerankRequest: { required: ['queries', 'documents'] },
    ZeroEntropyRerankRequest: { required: ['query', 'documents'] },
    IsaacusRerankRequest: { required: ['query', 'texts'] },
    WeaviateRerankRequest: { required: ['query', 'documents', 'property'] },
    MixedbreadRerankRequest: { required: ['query', 'input'] },
    PineconeRerankRequest: {
      required: ['query', 'documents'],
      properties: { top_n: { type: ['integer', 'string', 'null'], minimum: 0, pattern: '^\\d+$' } },
    },
  });
});

test('describes what every ranking reports of the model that scored', () => {
  for (const { path } of rankEndpoints) {
    expect(served().paths[path]?.['post']?.responses['200']).toHaveProperty('headers.x-model');
  }
  const schemas = served().components.schemas as Record<string, { required: string[] }>;
  for (const name of ['Ranking', 'InfinityRanking']) expect(schemas[name]?.required).toContain('model_version');
});

test('gives each family the shapes of its own', () => {
  const text = (path: string) => JSON.stringify(served().paths[path]?.['post']);
  for (const name of ['RerankRequest', 'TeiRerankRequest', 'DashScopeRerankRequest', 'NvidiaRerankRequest']) {
    expect(text('/rerank')).toContain(`#/components/schemas/${name}"`);
  }
  expect(text('/infinity/rerank')).toContain('#/components/schemas/InfinityRanking"');
  expect(text('/v1/ranking')).toContain('#/components/schemas/NvidiaRanking"');
  expect(text('/v1/reranking')).toContain('#/components/schemas/MixedbreadRanking"');
  expect(text('/pinecone/rerank')).toContain('#/components/schemas/PineconeError"');
  for (const [path, name] of [
    ['/v1/score', 'ScoreAnswer'],
    ['/v1/inference/{name}', 'DeepInfraRanking'],
    ['/v1/models/rerank', 'ZeroEntropyRanking'],
    ['/v1/rerankings', 'IsaacusRanking'],
  ] as const) {
    expect(text(path)).toContain(`#/components/schemas/${name}"`);
  }
  expect(text('/api/v1/rerank')).toContain('#/components/schemas/OpenRouterError"');
  expect(text('/infinity/rerank')).toContain('#/components/schemas/InfinityError"');
  const dashScope = text('/api/v1/services/rerank/text-rerank/text-rerank');
  expect(dashScope).toContain('#/components/schemas/DashScopeError"');
  // headers that are too large: the path is not known yet
  expect(dashScope.match(/#\/components\/schemas\/Error"/g)).toHaveLength(1);
});

test('is made once: asking for it again costs no more than sending it', async () => {
  const stringify = jest.spyOn(JSON, 'stringify');
  const answer = await call(edge, { path: '/openapi.json', method: 'GET' });
  expect(stringify).not.toHaveBeenCalled();
  stringify.mockRestore();
  expect(answer.text).toBe(text);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
    'x-request-id': expect.any(String) as unknown,
  });
});

test('requires a key where one is set, and states the limits that are set', () => {
  const config = {
    ...edgeConfig(parseConfig(configSchema, { MAX_DOCUMENTS: '77' })),
    apiKeys: [createSecret('hemlock')],
  };
  const document = openApiDocument(config);
  const paths = document.paths as unknown as Paths;
  expect(paths['/rerank']?.['post']).toMatchObject({ security: [{ apiKey: [] }] });
  expect(paths['/health']?.['get']).not.toHaveProperty('security');
  expect(served().paths['/rerank']?.['post']).not.toHaveProperty('security');
  const all = JSON.stringify(document);
  expect(all).toContain('At most 77 documents');
  expect(all).not.toContain('hemlock');
});
