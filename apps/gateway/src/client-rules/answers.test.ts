import { ask, askResults, dialectCases, documents, indicesOf, isSorted, query, type RuleRow } from './cases';
import { call, fakeFleet, rankingOf, someModel, startEdge, type TestEdge } from '../testing';

/** What clients read in answers, one row a rule, with the clients that break without it. */

interface Body {
  object: string;
  model: string;
  model_version: string;
  results: { index: number; relevance_score: number; document?: unknown }[];
  usage: object;
}

let edge: TestEdge;
let keyed: TestEdge;

beforeAll(async () => {
  edge = await startEdge();
  keyed = await startEdge({ env: { API_KEYS: 'secret-key' } });
});
afterAll(() => Promise.all([edge.close(), keyed.close()]));

const cohere = { model: 'default', query, documents };

async function ranked(body: object, path = '/v1/rerank'): Promise<Body> {
  const answer = await call(edge, { path, body });
  expect(answer.status).toBe(200);
  return answer.json as Body;
}
const get = (path: string, at = edge) => call(at, { path, method: 'GET' });

const members: RuleRow[] = [
  [
    '1: `meta` is present',
    '@ai-sdk/cohere',
    async () => expect(await ranked(cohere, '/v2/rerank')).toHaveProperty('meta.tokens.input_tokens', 26),
  ],
  [
    '2: `usage` holds three numbers',
    '@ai-sdk/togetherai, infinity_client, Haystack JinaRanker',
    async () => {
      const usage = { prompt_tokens: 26, completion_tokens: 0, total_tokens: 26 };
      for (const path of ['/v1/rerank', '/infinity/rerank']) expect((await ranked(cohere, path)).usage).toEqual(usage);
    },
  ],
  [
    '3: nothing but index, relevance_score and document inside a result',
    "Elasticsearch's Cohere parser",
    async () => {
      const { results } = await ranked({ ...cohere, return_documents: true });
      for (const result of results) expect(Object.keys(result)).toEqual(['index', 'relevance_score', 'document']);
    },
  ],
  [
    '3: nothing but index and score in a bare array',
    "Elasticsearch's hugging_face parser",
    async () => {
      const { json } = await call(edge, { path: '/hf/rerank', body: { documents, query } });
      for (const result of json as object[]) expect(Object.keys(result)).toEqual(['index', 'score']);
      expect(indicesOf(json as { index: number }[])).toEqual([0, 1, 2]);
    },
  ],
  [
    '4: `document` is an object with a text, only when documents are asked back',
    'LiteLLM hosted_vllm, cohere-ai, together-ai, Elasticsearch, dashscope for Python',
    async () => {
      for (const dialect of dialectCases.filter(({ name }) => /^(documents|dash-scope)/.test(name))) {
        const results = await askResults(edge, dialect, { return_documents: true });
        for (const { index, document } of results) expect(document).toEqual({ text: documents[index] });
        for (const result of await askResults(edge, dialect)) expect(result).not.toHaveProperty('document');
      }
    },
  ],
  [
    'under the Infinity and Voyage prefixes `document` is a string',
    'LiteLLM infinity, voyageai',
    async () => {
      for (const path of ['/infinity/rerank', '/infinity/v1/rerank', '/voyage/v1/rerank']) {
        const { results, data } = (await call(edge, { path, body: { ...cohere, return_documents: true } })).json as {
          results?: Body['results'];
          data?: Body['results'];
        };
        for (const { index, document } of results ?? data ?? []) expect(document).toBe(documents[index]);
        expect(results ?? data).toHaveLength(3);
      }
    },
  ],
  [
    '17: `object` is "rerank" where it is there, and "list" only for Voyage, mixedbread and /score',
    'infinity_client, openrouter; voyageai, voyage-ai-provider, mixedbread',
    async () => {
      for (const dialect of dialectCases) {
        const { object } = (await ask(edge, dialect)).json as Partial<Body>;
        const [name = ''] = dialect.name.split(' ');
        const rerank = { documents: 'rerank', infinity: 'rerank', openrouter: 'rerank' };
        const expected = { ...rerank, voyage: 'list', mixedbread: 'list', score: 'list' }[name];
        expect([dialect.name, object]).toEqual([dialect.name, expected]);
      }
    },
  ],
  [
    '17: the Voyage answer has what its schema asks for',
    'voyageai, voyage-ai-provider',
    async () => {
      const body = { ...cohere, top_k: 2, truncation: true };
      const { data, ...rest } = (await call(edge, { path: '/voyage/v1/rerank', body })).json as { data: object[] };
      expect(rest).toEqual({ object: 'list', model: 'multilingual-e5-small', usage: { total_tokens: 26 } });
      expect(data).toHaveLength(2);
    },
  ],
  [
    'mixedbread: `top_k` and `return_input` are always there, and `input` is the element as it was sent',
    'mixedbread, LlamaIndex mixedbreadai, rerankers',
    async () => {
      const input = ['a', { text: 'b', id: 1 }, { title: 'c' }];
      const usage = { prompt_tokens: 26, total_tokens: 26, completion_tokens: 0 };
      const at = async (options: object, path = '/v1/reranking') => {
        const { json } = await call(edge, { path, body: { model: 'default', query, input, ...options } });
        return json as { data: { index: number; score: number; object: string; input?: unknown }[] };
      };
      const { data, ...plain } = await at({});
      const common = { object: 'list', model: 'multilingual-e5-small', usage };
      expect(plain).toEqual({ ...common, top_k: 3, return_input: false });
      for (const result of data) expect(Object.keys(result)).toEqual(['index', 'score', 'object']);
      for (const path of ['/v1/reranking', '/reranking', '/v1/v1/reranking', '/rerank']) {
        const { data: returned, ...rest } = await at({ top_k: 2, return_input: true }, path);
        expect(rest).toEqual({ ...common, top_k: 2, return_input: true });
        expect(returned).toHaveLength(2);
        for (const one of returned) expect(one).toMatchObject({ object: 'rank_result', input: input[one.index] });
      }
    },
  ],
  [
    'Pinecone: the document as it was sent, a string as {text}, unless `return_documents` is false; `usage.rerank_units`',
    'pinecone, rerankers',
    async () => {
      const sent = [{ id: 'x', body: 'a', text: 'b', none: null }, 'c', { text: 'd' }];
      const at = async (options: object) => {
        const body = { query, documents: sent, rank_fields: ['body'], parameters: { truncate: 'END' }, ...options };
        const { json } = await call(edge, { path: '/pinecone/rerank', body });
        return json as { data: { index: number; score: number; document?: unknown }[] };
      };
      for (const options of [{}, { return_documents: true }, { return_documents: null }]) {
        const { data, ...rest } = await at(options);
        expect(rest).toEqual({ model: 'multilingual-e5-small', usage: { rerank_units: 1 } });
        expect(indicesOf(data)).toEqual([0, 1, 2]);
        for (const { index, document } of data) expect(document).toEqual([sent[0], { text: 'c' }, sent[2]][index]);
      }
      const { data } = await at({ return_documents: false, top_n: 1 });
      expect(data.map((one) => Object.keys(one))).toEqual([['index', 'score']]);
      expect(edge.fleet.asked.at(-1)?.request.documents).toEqual(['a', 'c', 'd']);
    },
  ],
  [
    'OpenRouter: every result has its document, whatever `return_documents` says',
    'openrouter',
    async () => {
      for (const options of [{}, { return_documents: false }, { return_documents: null }]) {
        const { results } = await ranked({ ...cohere, ...options }, '/api/v1/rerank');
        for (const { index, document } of results) expect(document).toEqual({ text: documents[index] });
        expect(results).toHaveLength(3);
      }
    },
  ],
  [
    '18: no member of any answer is null',
    'LiteLLM, infinity_client, Haystack JinaRanker, openrouter',
    async () => {
      for (const dialect of dialectCases) {
        for (const options of [{}, { return_documents: null, model: null, top_n: null }]) {
          expect((await ask(edge, dialect, options)).text).not.toContain('null');
        }
      }
    },
  ],
  [
    'DashScope: `output.results`, `usage.total_tokens` and the id that the header has',
    'Cherry Studio bailian, LightRAG aliyun, dashscope for Python',
    async () => {
      const answer = await call(edge, { body: { input: { query, documents } } });
      const { output, ...rest } = answer.json as { output: object };
      expect(rest).toEqual({ usage: { total_tokens: 26 }, request_id: answer.headers['x-request-id'] });
      expect(Object.keys(output)).toEqual(['results']);
    },
  ],
  [
    'NVIDIA: `rankings` and nothing else, with the raw logit',
    'LangChain, LlamaIndex, Haystack, LiteLLM and RAGFlow for NVIDIA',
    async () => {
      const raw = await ranked({ ...cohere, raw_scores: true });
      const rankings = raw.results.map(({ index, relevance_score }) => ({ index, logit: relevance_score }));
      const body = { query: { text: query }, passages: documents.map((text) => ({ text })), truncate: 'END' };
      for (const path of ['/v1/ranking', '/v1/retrieval/nvidia/e5/reranking', '/rerank']) {
        expect((await call(edge, { path, body })).json).toEqual({ rankings });
      }
    },
  ],
  [
    'Weaviate: all documents with their scores, in the order of the request',
    'Weaviate reranker-transformers',
    async () => {
      const plain = await ranked(cohere);
      const scoreOf = (at: number) => plain.results.find(({ index }) => index === at)?.relevance_score;
      for (const property of ['', 'title']) {
        const { json } = await call(edge, { body: { query, documents, property, top_n: 1 } });
        const scores = documents.map((document, at) => ({ document, score: scoreOf(at) }));
        expect(json).toEqual({ scores, warnings: ['`top_n` has no effect here.'] });
      }
    },
  ],
];

const order: RuleRow[] = [
  [
    '10: best first, in every dialect that has an order of its own',
    'FastGPT, Haystack TEI, AI SDK, cohere-ai, NVIDIA wrappers',
    async () => {
      for (const dialect of dialectCases.filter((one) => one.order === 'best first')) {
        expect([dialect.name, isSorted(await askResults(edge, dialect))]).toEqual([dialect.name, true]);
      }
    },
  ],
  [
    '11: without a limit every document comes back, in every dialect',
    'LlamaIndex-py TEI, Open WebUI, Milvus, Weaviate',
    async () => {
      for (const dialect of dialectCases) {
        expect(indicesOf(await askResults(edge, dialect))).toEqual([0, 1, 2]);
      }
    },
  ],
  [
    "12: scores lie in [0, 1] unless raw ones are asked for, by `raw_scores` or by vLLM's `use_activation: false`",
    'RAGFlow, Dify; Haystack VLLMRanker',
    async () => {
      for (const dialect of dialectCases.filter(({ isLogit }) => !isLogit)) {
        for (const { score } of await askResults(edge, dialect)) expect(score >= 0 && score <= 1).toBe(true);
      }
      for (const dialect of dialectCases.filter(({ flags }) => flags.includes('use_activation'))) {
        const scoresWith = async (options: object) =>
          (await askResults(edge, dialect, options)).map(({ score }) => score);
        const raw = await scoresWith({ raw_scores: true });
        const plain = await scoresWith({});
        for (const options of [
          { use_activation: false },
          { activation: false },
          { activation: true, use_activation: false },
          { use_activation: true, raw_scores: true },
        ]) {
          expect(await scoresWith(options)).toEqual(raw);
        }
        for (const options of [
          { use_activation: true },
          { use_activation: null, activation: null },
          { use_activation: true, activation: false },
          { use_activation: false, raw_scores: false },
        ]) {
          expect(await scoresWith(options)).toEqual(plain);
        }
      }
      for (const dialect of dialectCases.filter(({ flags }) => flags.includes('raw_scores'))) {
        const plain = await askResults(edge, dialect);
        const raw = await askResults(edge, dialect, { raw_scores: true });
        for (const [at, { score }] of plain.entries()) {
          expect(score).toBeCloseTo(1 / (1 + Math.exp(-(raw[at]?.score ?? NaN))), 12);
        }
      }
    },
  ],
];

const versions: RuleRow[] = [
  [
    'every ranking says which version scored, in the header `x-model`',
    'whoever compares two versions of a model',
    async () => {
      for (const dialect of dialectCases) {
        expect((await ask(edge, dialect)).headers['x-model']).toBe('multilingual-e5-small@2');
      }
      expect((await call(edge, { body: {} })).headers).not.toHaveProperty('x-model');
    },
  ],
  [
    '`model` is the bare name of the bundle that scored, and `model_version` stands beside it',
    'the same; Haystack JinaRanker and New API read `model`',
    async () => {
      for (const path of ['/v1/rerank', '/infinity/rerank']) {
        const { model, model_version: version } = await ranked({ ...cohere, model: 'vendor/e5' }, path);
        expect([model, version]).toEqual(['multilingual-e5-small', '2']);
      }
    },
  ],
  [
    'truncated documents are listed at the top of every object, never in a result',
    "Elasticsearch's parsers; people",
    async () => {
      const truncated = [{ index: 1, tokens: 900, keptTokens: 500, keptCharacters: 1_800 }];
      const cutting = await startEdge({
        fleet: fakeFleet(async (request, { requestId }) => ({
          ok: true,
          ranking: rankingOf(request, requestId, { truncated }),
        })),
      });
      const expected = [{ index: 1, tokens: 900, kept_tokens: 500, kept_characters: 1_800 }];
      for (const dialect of dialectCases) {
        const { json, headers } = await ask(cutting, dialect);
        expect((json as { truncated?: unknown }).truncated).toEqual(Array.isArray(json) ? undefined : expected);
        expect(headers['x-truncated-documents']).toBe('1');
      }
      await cutting.close();
    },
  ],
];

const pages: RuleRow[] = [
  [
    '22: models are listed as rerankers',
    "Xinference client, LlamaIndex's NVIDIA wrappers; cohere for Python reads `models` and `name`",
    async () => {
      expect((await get('/v1/models')).json).toMatchObject({
        object: 'list',
        data: [{ id: 'multilingual-e5-small', object: 'model', model_type: 'rerank', version: '2' }],
        models: [{ name: 'multilingual-e5-small', endpoints: ['rerank'], context_length: 512 }],
      });
      const one = (await get('/v1/models/e5')).json;
      expect(one).toMatchObject({ name: 'multilingual-e5-small', endpoints: ['rerank'] });
    },
  ],
  [
    '22: one model is found by its name, by a name with a slash and by `<name>@<version>`',
    'Xinference client, OpenAI clients',
    async () => {
      const names = ['multilingual-e5-small', 'intfloat/multilingual-e5-small', 'multilingual-e5-small@2', 'e5'];
      for (const name of names) {
        const { json } = await get(`/v1/models/${name}`);
        expect(json).toMatchObject({ id: 'multilingual-e5-small', model_type: 'rerank' });
      }
    },
  ],
  [
    '22: of two versions the newest is listed by its name, the other by `<name>@<version>`',
    'whoever takes an `id` of the list for a `model`',
    async () => {
      const models = ['9', '10'].map((version) => ({ ...someModel, version }));
      const both = await startEdge({ fleet: fakeFleet(undefined, models) });
      const { json } = await get('/v1/models', both);
      const { data, models: byName } = json as { data: object[]; models: { name: string }[] };
      expect(data).toMatchObject([
        { id: 'multilingual-e5-small', version: '10', model_name: 'multilingual-e5-small' },
        { id: 'multilingual-e5-small@9', version: '9', model_name: 'multilingual-e5-small' },
      ]);
      expect(byName.map(({ name }) => name)).toEqual(['multilingual-e5-small', 'multilingual-e5-small@9']);
      await both.close();
    },
  ],
  [
    '22: /v1/cluster/auth says whether a key is needed: the client sends its key only then',
    'Xinference client',
    async () => {
      expect((await get('/v1/cluster/auth')).json).toEqual({ auth: false });
      expect((await get('/v1/cluster/auth', keyed)).json).toEqual({ auth: true });
    },
  ],
  [
    '/.well-known/ready is 200 without a key, and any page that is none decodes as an object',
    'Weaviate reranker-transformers: it does not start before, and shows /meta',
    async () => {
      expect((await get('/.well-known/ready', keyed)).status).toBe(200);
      expect((await get('/meta')).json).toBeInstanceOf(Object);
    },
  ],
  [
    '23: /info has what TEI has',
    'Continue, Infinity and TEI tooling',
    async () => {
      expect((await get('/info')).json).toMatchObject({
        model_id: 'intfloat/multilingual-e5-small',
        max_client_batch_size: 1_000,
        max_input_length: 512,
        max_batch_tokens: 512,
        auto_truncate: true,
        models: [{ id: 'multilingual-e5-small' }],
      });
    },
  ],
];

test.each([...members, ...order, ...versions, ...pages])('rule %s (%s)', async (_rule, _clients, check) => check());
