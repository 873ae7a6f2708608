import { ask, askResults, dialectCases, documents, indicesOf, query, type RuleRow } from './cases';
import { doubledPaths, rankEndpointOf, rankEndpoints } from '../rank/endpoints';
import { bodyOf, call, startEdge, type TestEdge } from '../testing';

/**
 * What clients send and rely on being taken, one row a rule, with the clients that break without it. Rules of every
 * dialect are held in each.
 */

let edge: TestEdge;
let keyed: TestEdge;
let withNetwork: TestEdge;

beforeAll(async () => {
  edge = await startEdge();
  keyed = await startEdge({ env: { API_KEYS: 'secret-key' } });
  withNetwork = await startEdge({ env: { API_KEYS: 'secret-key', TRUSTED_NETWORKS: '127.0.0.0/8' } });
});
afterAll(() => Promise.all([edge.close(), keyed.close(), withNetwork.close()]));

const cohere = { model: 'default', query, documents };
const tei = { query, texts: documents };

/** The request that reached the fleet. */
async function asked(body: object, path = '/v1/rerank') {
  expect((await call(edge, { path, body })).status).toBe(200);
  return edge.fleet.asked.at(-1)?.request;
}

const all = (options: readonly string[], value: unknown) => Object.fromEntries(options.map((name) => [name, value]));

const options: RuleRow[] = [
  [
    '5, 19: null stands for every option that is not given, in every dialect',
    '@langchain/cohere, Dify, Xinference client, voyageai, LangChain',
    async () => {
      for (const dialect of dialectCases) {
        const foreign = ['max_chunks_per_doc', 'return_len', 'top_k', 'top_n', 'truncation', 'kwargs'];
        const results = await askResults(edge, dialect, all([...foreign, ...dialect.options], null));
        expect([dialect.name, indicesOf(results)]).toEqual([dialect.name, [0, 1, 2]]);
      }
      const lists = { texts: null, passages: null, input: null, property: null };
      expect((await call(edge, { body: { ...cohere, ...lists } })).json).toHaveProperty('object', 'rerank');
    },
  ],
  [
    '5: `parameters` may be null or left out',
    'LightRAG, dashscope for Python',
    async () => {
      const input = { query, documents };
      expect((await asked({ input, parameters: null }))?.topN).toBeUndefined();
      expect((await asked({ input }))?.returnDocuments).toBe(false);
    },
  ],
  [
    '6: "true", 1 and "1" are true, "false", 0 and "0" false, for every boolean of every dialect',
    "RAGFlow's Xinference driver; Python's and templates' booleans",
    async () => {
      for (const dialect of dialectCases) {
        for (const flag of dialect.flags) {
          const resultsWith = async (value: unknown) =>
            JSON.stringify((await askResults(edge, dialect, { [flag]: value, return_len: value })).sort());
          const on = await resultsWith(true);
          const off = await resultsWith(false);
          expect([dialect.name, flag, on === off]).toEqual([dialect.name, flag, false]);
          for (const value of ['true', 1, '1']) expect(await resultsWith(value)).toBe(on);
          for (const value of ['false', 0, '0']) expect(await resultsWith(value)).toBe(off);
          for (const value of ['yes', '', 2, -1, '01', [], {}]) {
            const answer = await ask(edge, dialect, { [flag]: value });
            expect([dialect.name, flag, answer.status]).toEqual([dialect.name, flag, 400]);
            expect(answer.text).toContain(`${flag}\` must be true or false`);
          }
        }
      }
    },
  ],
  [
    '7, 19: unknown members are ignored, in every dialect',
    'Flowise, RAGFlow/SiliconFlow, LiteLLM, Xinference client',
    async () => {
      const unknown = { topN: 2, overlap_tokens: 80, truncate_prompt_tokens: -1, truncation_side: 'x', kwargs: '{}' };
      for (const dialect of dialectCases) {
        expect(indicesOf(await askResults(edge, dialect, unknown))).toEqual([0, 1, 2]);
      }
      const elsewhere = { input: 'text', inputs: [], parameters: 5, passage: {}, data: [], property: 5 };
      expect((await call(edge, { body: { ...cohere, ...elsewhere } })).json).toHaveProperty('object', 'rerank');
    },
  ],
  [
    '`truncate` and `truncation` may be anything and have no effect, in every dialect',
    'NVIDIA wrappers ("END"), LiteLLM huggingface (false), voyageai (true), Haystack TEI',
    async () => {
      for (const dialect of dialectCases) {
        for (const value of [null, true, false, 'true', 'END', 'NONE', '', 0, 512, ['x'], { a: 1 }]) {
          const more = { truncate: value, truncation: value, truncation_direction: 'Right' };
          expect(indicesOf(await askResults(edge, dialect, more))).toEqual([0, 1, 2]);
        }
      }
    },
  ],
  [
    '8: `model` may be left out, in every dialect',
    "Milvus, TEI clients, Elasticsearch's hugging_face, Weaviate",
    async () => {
      for (const { path, body } of dialectCases) {
        const { model: _model, ...without } = body(query, documents) as { model?: string };
        expect((await asked(without, path))?.model).toBeUndefined();
      }
    },
  ],
  [
    '9, 19: the limit of each dialect cuts the answer and is clamped; 0 is all; digits may be quoted',
    'AI SDK, LiteLLM huggingface, and many that send a constant; OpenSearch quotes',
    async () => {
      for (const dialect of dialectCases.filter(({ limit }) => limit !== undefined)) {
        for (const [wanted, expected] of [
          [2, 2],
          ['2', 2],
          [500, 3],
          [0, 3],
          ['0', 3],
        ] as const) {
          const results = await askResults(edge, dialect, all([dialect.limit ?? ''], wanted));
          expect([dialect.name, wanted, results.length]).toEqual([dialect.name, wanted, expected]);
        }
        for (const [wanted, status] of [
          ['two', 400],
          ['', 400],
          ['-1', 400],
          ['2.0', 400],
          [' 2', 400],
          [true, 400],
          [-1, 422],
          [1.5, 422],
        ] as const) {
          const answer = await ask(edge, dialect, all([dialect.limit ?? ''], wanted));
          expect([dialect.name, wanted, answer.status]).toEqual([dialect.name, wanted, status]);
          expect(answer.text).toContain(`${dialect.limit}\` must be a`);
        }
      }
    },
  ],
  [
    '`top_n` and `top_k` are two names of one limit, in every dialect that has one; `top_n` wins',
    "clients of one API that are pointed at another's path",
    async () => {
      for (const dialect of dialectCases.filter(({ limit }) => limit !== undefined)) {
        for (const [options, expected] of [
          [{ top_n: 1 }, 1],
          [{ top_k: 2 }, 2],
          [{ top_k: '2' }, 2],
          [{ top_n: 1, top_k: 2 }, 1],
          [{ top_n: 2, top_k: 1 }, 2],
          [{ top_n: null, top_k: 2 }, 2],
          [{ top_n: 0, top_k: null }, 3],
        ] as const) {
          const results = await askResults(edge, dialect, options);
          expect([dialect.name, options, results.length]).toEqual([dialect.name, options, expected]);
        }
        for (const name of ['top_n', 'top_k']) {
          const answer = await ask(edge, dialect, { [name]: -1 });
          expect([dialect.name, answer.status, answer.text.includes(name)]).toEqual([dialect.name, 422, true]);
        }
      }
    },
  ],
  [
    'every count of the documents dialect may be a string of digits',
    "OpenSearch's connector templates",
    async () => {
      const sent = { ...cohere, top_n: '2', max_tokens_per_doc: '64', priority: '7' };
      expect(await asked(sent)).toMatchObject({ topN: 2, maxTokensPerDocument: 64, priority: 7 });
      const past = await call(edge, { path: '/v1/rerank', body: { ...cohere, priority: '1000' } });
      expect([past.status, past.json]).toMatchObject([422, { error: { param: 'priority' } }]);
    },
  ],
  [
    '`instruct` is another name of `instruction`, which wins',
    "DashScope's flat spelling",
    async () => {
      for (const path of ['/v1/reranks', '/hf/rerank', '/infinity/rerank']) {
        expect((await asked({ ...cohere, instruct: 'b' }, path))?.instruction).toBe('b');
        expect((await asked({ ...cohere, instruct: 'b', instruction: 'a' }, path))?.instruction).toBe('a');
        expect((await asked({ ...cohere, instruct: 'b', instruction: null }, path))?.instruction).toBe('b');
      }
      const nested = { input: { query, documents }, parameters: { instruct: 'c' } };
      expect((await asked(nested))?.instruction).toBe('c');
    },
  ],
];

const texts: RuleRow[] = [
  [
    '13: documents may be strings, {text}, or objects with `rank_fields`',
    "together-ai, LiteLLM, Dify's Jina plugin, AI SDK",
    async () => {
      const objects = [{ text: 'a', id: 1 }, 'b', { title: 'c', body: 'd', n: 1 }];
      expect((await asked({ query, documents: objects }))?.documents).toEqual([
        'a',
        'b',
        '{"title":"c","body":"d","n":1}',
      ]);
      const fields = { rank_fields: ['body', 'title', 'n'] };
      expect((await asked({ query, documents: objects, ...fields }))?.documents).toEqual(['a', 'b', 'd\nc\n1']);
    },
  ],
  [
    '13: strings and {text} may be mixed in the lists of DashScope, NVIDIA and TEI',
    'DashScope, LangChain and RAGFlow for NVIDIA, LiteLLM huggingface',
    async () => {
      const mixed = ['a', { text: 'b' }];
      expect((await asked({ input: { query, documents: mixed } }))?.documents).toEqual(['a', 'b']);
      expect((await asked({ query: { text: 'q' }, passages: mixed }))?.documents).toEqual(['a', 'b']);
      expect((await asked({ query, texts: mixed }))?.documents).toEqual(['a', 'b']);
      const { json } = await call(edge, { body: { query, texts: mixed, return_text: true } });
      expect((json as { text: string }[]).map(({ text }) => text).sort()).toEqual(['a', 'b']);
    },
  ],
  [
    '13: the query may be {text}, in every dialect',
    'Jina and NVIDIA clients',
    async () => {
      for (const { path, body } of dialectCases) {
        const sent = body('q', documents) as { query?: unknown };
        const isNested = typeof sent.query === 'object';
        const other = isNested ? { ...sent, query: 'q' } : body({ text: 'q' }, documents);
        expect((await asked(sent, path))?.query).toBe('q');
        expect((await asked(other, path))?.query).toBe('q');
      }
    },
  ],
];

const keys: RuleRow[] = [
  [
    '14: the key is taken with or without "Bearer", or from x-api-key or api-key',
    'LlamaIndex-py TEI, pinecone, rerankers',
    async () => {
      for (const headers of [
        { authorization: 'Bearer secret-key' },
        { authorization: 'bearer  secret-key' },
        { authorization: 'secret-key' },
        { 'x-api-key': 'secret-key' },
        { 'api-key': 'secret-key' },
        { 'Api-Key': 'secret-key', authorization: 'Bearer of-a-proxy' },
      ]) {
        expect((await call(keyed, { headers, body: tei })).status).toBe(200);
      }
    },
  ],
  [
    '14: "Bearer None" is no obstacle when no key is set',
    "Dify's SDK",
    async () => {
      expect((await call(edge, { headers: { authorization: 'Bearer None' }, body: cohere })).status).toBe(200);
      expect((await call(keyed, { headers: { authorization: 'Bearer None' }, body: cohere })).status).toBe(401);
    },
  ],
  [
    '15: a stated network needs no key',
    'RAGFlow HuggingFace, Milvus, Weaviate',
    async () => {
      expect((await call(withNetwork, { body: tei })).status).toBe(200);
      expect((await call(keyed, { body: tei })).status).toBe(401);
    },
  ],
];

const names: RuleRow[] = [
  [
    '20: a vendor prefix in `model` reaches the fleet as it stands',
    'LiteLLM fireworks_ai',
    async () => expect((await asked({ ...cohere, model: 'fireworks/e5' }))?.model).toBe('fireworks/e5'),
  ],
  [
    '"default/not-specified" is the default model, everywhere',
    'infinity_client',
    async () => {
      for (const path of ['/infinity/rerank', '/v1/rerank', '/pinecone/rerank']) {
        expect((await asked({ ...cohere, model: 'default/not-specified' }, path))?.model).toBeUndefined();
      }
      const shown = await call(edge, { path: '/v1/models/default/not-specified', method: 'GET' });
      expect(shown.json).toHaveProperty('is_default', true);
    },
  ],
  [
    'a model named in the path counts when the body names none; it may hold slashes, also encoded ones',
    'LangChain, LiteLLM and RAGFlow for NVIDIA; LiteLLM deepinfra',
    async () => {
      const body = { query: { text: query }, passages: [{ text: 'a' }] };
      const at = (name: string) => `/v1/retrieval/${name}/reranking`;
      expect((await asked(body, at('nvidia/rerank-3_2')))?.model).toBe('nvidia/rerank-3_2');
      expect((await asked(body, at('nvidia%2Frerank')))?.model).toBe('nvidia/rerank');
      expect((await asked({ ...body, model: null }, at('a/b/c/')))?.model).toBe('a/b/c');
      expect((await asked({ ...body, model: 'mine' }, at('nvidia')))?.model).toBe('mine');
      expect((await asked(body, at('%zz')))?.model).toBe('%zz');
      expect(edge.observed.finished.at(-1)?.endpoint).toBe('/v1/retrieval/{name}/reranking');
      const pairs = { queries: ['q'], documents: ['a'] };
      expect((await asked(pairs, '/v1/inference/Qwen/Qwen3-Reranker-0.6B'))?.model).toBe('Qwen/Qwen3-Reranker-0.6B');
      expect((await asked(pairs, '/v1/inference/default'))?.model).toBeUndefined();
      expect(edge.observed.finished.at(-1)?.endpoint).toBe('/v1/inference/{name}');
    },
  ],
];

const paths: RuleRow[] = [
  [
    '21: what a base URL with a version or the path too many makes of it is served, and counted as what was meant',
    'together and cohere for Python, LiteLLM cohere, mixedbread',
    async () => {
      for (const [path, meant] of doubledPaths) {
        const body = bodyOf(rankEndpointOf(meant) ?? { family: 'body-decides' });
        expect([path, (await call(edge, { path, body })).status]).toEqual([path, 200]);
        expect(edge.observed.finished.at(-1)?.endpoint).toBe(meant);
      }
    },
  ],
  [
    'slashes are collapsed and a trailing one is ignored',
    'every client that joins a base URL naively',
    async () => {
      for (const { path, body } of dialectCases) {
        for (const spelling of [`${path}/`, `/${path}`, path.replaceAll('/', '//'), `${path}?x=1`]) {
          expect((await call(edge, { path: spelling, body: body(query, documents) })).status).toBe(200);
        }
      }
    },
  ],
  [
    'every prefix has its aliases',
    'LiteLLM infinity with and without /v1 in its base URL',
    async () => expect((await asked(cohere, '/infinity/v1/rerank'))?.documents).toEqual(documents),
  ],
  [
    'two lists of texts are refused, and so is none',
    'whoever mixes two dialects',
    async () => {
      const lists = [{ documents }, { texts: documents }, { passages: documents }, { input: { documents } }];
      for (const one of lists.slice(0, 3)) {
        const both = await call(edge, { body: { query, ...one, input: documents } });
        expect([both.status, both.json]).toMatchObject([400, { error: { param: 'input' } }]);
      }
      for (const [at, one] of lists.entries()) {
        for (const other of lists.slice(at + 1)) {
          const both = await call(edge, { body: { query, ...one, ...other } });
          expect([both.status, both.json]).toMatchObject([400, { error: { code: 'invalid_type' } }]);
        }
      }
      for (const body of [{ query }, { query, input: {} }, { query, input: { documents: null } }]) {
        const none = await call(edge, { body });
        expect([none.status, none.json]).toMatchObject([400, { error: { param: 'documents' } }]);
      }
    },
  ],
];

test.each([...options, ...texts, ...keys, ...names, ...paths])('rule %s (%s)', async (_rule, _clients, check) =>
  check(),
);

describe('every alias decides by the body', () => {
  const aliases = [
    '/rerank',
    '/v1/rerank',
    '/v2/rerank',
    '/reranks',
    '/v1/reranks',
    '/compatible-api/v1/reranks',
    '/inference/v1/rerank',
    '/reranking',
    '/v1/reranking',
    '/v1/v1/rerank',
    '/v1/v1/reranking',
    '/v1/v2/rerank',
    '/v2/v2/rerank',
    '/v2/v1/rerank',
    '/rerank/v2/rerank',
    '/rerank/v1/rerank',
    '/v1/rerank/rerank',
  ];
  const byBody = dialectCases.filter(({ path }) => rankEndpointOf(path)?.family === 'body-decides');

  test('and no alias is missing here', () => {
    const served = rankEndpoints.filter(({ family }) => family === 'body-decides').map(({ path }) => path);
    const doubled = [...doubledPaths].filter(([, meant]) => served.includes(meant)).map(([path]) => path);
    expect([...served, ...doubled].sort()).toEqual([...aliases].sort());
  });

  test.each(aliases)('%s', async (path) => {
    for (const dialect of byBody) {
      const { json } = await ask(edge, { ...dialect, path });
      expect(dialect.results(json)).toHaveLength(3);
      const answer = await call(edge, { path, body: dialect.body({}, documents) });
      expect(Object.keys(answer.json as object)).toEqual(
        Object.keys(dialect.error({ code: 'invalid_type', message: 'm' }, '')),
      );
    }
  });
});
