import { startEdge, call, type TestEdge, type WireAnswer, type WireRequest } from './testing';

/**
 * What clients rely on, one row a rule, with the clients that break without it. Requests are shaped as those clients
 * send them; checks read what they read.
 */

interface Result {
  index: number;
  relevance_score: number;
  document?: { text: string };
}
interface Body {
  id: string;
  object?: string;
  model: string;
  results: Result[];
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
  meta: { tokens: { input_tokens: number } };
}

let edge: TestEdge;
let keyed: TestEdge;
let withNetwork: TestEdge;

beforeAll(async () => {
  edge = await startEdge();
  keyed = await startEdge({ env: { API_KEYS: 'secret-key' } });
  withNetwork = await startEdge({ env: { API_KEYS: 'secret-key', TRUSTED_NETWORKS: '127.0.0.0/8' } });
});
afterAll(() => Promise.all([edge.close(), keyed.close(), withNetwork.close()]));

const query = 'How do I restart a crashed worker? 如何重启';
const documents = ['a museum', 'restart it with systemctl', '文档'];
const cohere = { model: 'default', query, documents };
const tei = { query, texts: documents };

async function ranked(body: object, path = '/v1/rerank'): Promise<Body> {
  const answer = await call(edge, { path, body });
  expect(answer.status).toBe(200);
  return answer.json as Body;
}

const isSorted = (scores: number[]) => scores.every((score, at) => at === 0 || (scores[at - 1] ?? 0) >= score);
const indices = (results: { index: number }[]) => results.map(({ index }) => index).sort();

type Row = [rule: string, clients: string, check: () => Promise<void>];

const rows: Row[] = [
  [
    '1: `meta` is present',
    '@ai-sdk/cohere',
    async () => expect(await ranked(cohere, '/v2/rerank')).toHaveProperty('meta.tokens.input_tokens', 26),
  ],
  [
    '2: `usage` holds three numbers',
    '@ai-sdk/togetherai, infinity_client, Haystack JinaRanker',
    async () => {
      expect((await ranked(cohere)).usage).toEqual({ prompt_tokens: 26, completion_tokens: 0, total_tokens: 26 });
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
      const answer = await call(edge, { path: '/hf/rerank', body: { documents, query } });
      for (const result of answer.json as object[]) expect(Object.keys(result)).toEqual(['index', 'score']);
      expect(indices(answer.json as Result[])).toEqual([0, 1, 2]);
    },
  ],
  [
    '4: `document` is an object with a text, only when documents are asked back',
    'LiteLLM hosted_vllm, cohere-ai, together-ai, Elasticsearch',
    async () => {
      const { results } = await ranked({ ...cohere, return_documents: true });
      for (const { index, document } of results) expect(document).toEqual({ text: documents[index] });
      for (const result of (await ranked(cohere)).results) expect(result).not.toHaveProperty('document');
    },
  ],
  [
    '5, 19: null stands for an option that is not given',
    '@langchain/cohere, Dify, Xinference client, voyageai',
    async () => {
      const options = ['max_chunks_per_doc', 'top_n', 'return_documents', 'return_len', 'rank_fields', 'model'];
      const more = ['top_k', 'max_tokens_per_doc', 'priority', 'raw_scores', 'instruction', 'truncate', 'texts'];
      const nulls = Object.fromEntries([...options, ...more].map((name) => [name, null]));
      expect((await ranked({ ...cohere, ...nulls })).results).toHaveLength(3);
    },
  ],
  [
    '6: "true" and "false" are booleans',
    "RAGFlow's Xinference driver",
    async () => {
      const yes = await ranked({ ...cohere, return_documents: 'true', return_len: 'true' });
      expect(yes.results[0]).toHaveProperty('document.text');
      expect((await ranked({ ...cohere, return_documents: 'false' })).results[0]).not.toHaveProperty('document');
    },
  ],
  [
    '7, 19: unknown members are ignored',
    'Flowise, RAGFlow/SiliconFlow, LiteLLM, Xinference client',
    async () => {
      const unknown = { topN: 2, overlap_tokens: 80, truncate_prompt_tokens: -1, truncation_side: 'x', kwargs: '{}' };
      expect((await ranked({ ...cohere, ...unknown })).results).toHaveLength(3);
    },
  ],
  [
    '8: `model` may be left out',
    "Milvus, TEI clients, Elasticsearch's hugging_face",
    async () => {
      expect((await ranked({ query, documents })).model).toBe('multilingual-e5-small');
      expect(edge.fleet.asked.at(-1)?.request.model).toBeUndefined();
    },
  ],
  [
    '9: `top_n` limits the answer and is clamped',
    'AI SDK, and many that send a constant',
    async () => {
      expect((await ranked({ ...cohere, top_n: 2 })).results).toHaveLength(2);
      expect((await ranked({ ...cohere, top_n: 500 })).results).toHaveLength(3);
      expect((await ranked({ ...cohere, top_n: 0 })).results).toHaveLength(3);
    },
  ],
  [
    '10: best first',
    'FastGPT, Haystack TEI, AI SDK, cohere-ai',
    async () => {
      expect(isSorted((await ranked(cohere)).results.map((result) => result.relevance_score))).toBe(true);
      const answer = await call(edge, { body: tei });
      expect(isSorted((answer.json as { score: number }[]).map(({ score }) => score))).toBe(true);
    },
  ],
  [
    '11: without `top_n` every document comes back',
    'LlamaIndex-py TEI, Open WebUI, Milvus',
    async () => {
      expect(indices((await ranked(cohere)).results)).toEqual([0, 1, 2]);
      expect(indices((await call(edge, { body: tei })).json as Result[])).toEqual([0, 1, 2]);
    },
  ],
  [
    '12: scores lie in [0, 1] unless raw ones are asked for',
    'RAGFlow, Dify',
    async () => {
      const plain = await ranked(cohere);
      const raw = await ranked({ ...cohere, raw_scores: true });
      for (const [at, { relevance_score }] of plain.results.entries()) {
        expect(relevance_score).toBeCloseTo(1 / (1 + Math.exp(-(raw.results[at]?.relevance_score ?? NaN))), 12);
      }
    },
  ],
  [
    '13: documents may be strings, {text}, or objects with `rank_fields`',
    "together-ai, LiteLLM, Dify's Jina plugin, AI SDK",
    async () => {
      const objects = [{ text: 'a', id: 1 }, 'b', { title: 'c', body: 'd', n: 1 }];
      await ranked({ query, documents: objects });
      expect(edge.fleet.asked.at(-1)?.request.documents).toEqual(['a', 'b', '{"title":"c","body":"d","n":1}']);
      await ranked({ query, documents: objects, rank_fields: ['body', 'title', 'n'] });
      expect(edge.fleet.asked.at(-1)?.request.documents).toEqual(['a', 'b', 'd\nc\n1']);
    },
  ],
  [
    '13: the query may be {text}',
    'Jina clients',
    async () => {
      await ranked({ query: { text: 'q' }, documents });
      expect(edge.fleet.asked.at(-1)?.request.query).toBe('q');
    },
  ],
  [
    '14: the key is taken with or without "Bearer", or from x-api-key',
    'LlamaIndex-py TEI',
    async () => {
      for (const headers of [
        { authorization: 'Bearer secret-key' },
        { authorization: 'bearer  secret-key' },
        { authorization: 'secret-key' },
        { 'x-api-key': 'secret-key' },
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
    'RAGFlow HuggingFace, Milvus',
    async () => {
      expect((await call(withNetwork, { body: tei })).status).toBe(200);
      expect((await call(keyed, { body: tei })).status).toBe(401);
    },
  ],
  [
    '16: errors are JSON in the spelling that the client reads',
    'AI SDK, Hugging Face, Jina and Xinference clients',
    async () => {
      const plain = await call(edge, { body: { documents } });
      expect(plain.headers['content-type']).toBe('application/json; charset=utf-8');
      expect(plain.json).toEqual({
        message: '`query` is missing.',
        detail: '`query` is missing.',
        error: {
          message: '`query` is missing.',
          type: 'invalid_request_error',
          code: 'invalid_type',
          param: 'query',
        },
      });
    },
  ],
  [
    '16: `error` is a string for TEI and absent for Voyage',
    '@huggingface/inference, voyageai for Python',
    async () => {
      const texts = await call(edge, { body: { query, texts: [] } });
      expect(texts.json).toEqual({ error: '`texts` must hold at least one text.', error_type: 'Empty' });
      const hf = await call(edge, { path: '/hf/rerank', body: '{' });
      expect(hf.json).toEqual({ error: 'The body is not valid JSON.', error_type: 'Validation' });
      const voyage = await call(edge, { path: '/voyage/v1/rerank', body: {} });
      expect(voyage.json).toEqual({ detail: '`query` is missing.', message: '`query` is missing.' });
    },
  ],
  [
    '17: `object` is "rerank" outside the Voyage prefix',
    'infinity_client',
    async () => expect((await ranked(cohere)).object).toBe('rerank'),
  ],
  [
    '17: under the Voyage prefix `object` is "list", `data` holds results and `document` is a string',
    'voyageai, voyage-ai-provider',
    async () => {
      const body = { ...cohere, top_k: 2, truncation: true, return_documents: true };
      const answer = await call(edge, { path: '/voyage/v1/rerank', body });
      const { data, ...rest } = answer.json as { data: (Result & { document: unknown })[] };
      expect(rest).toEqual({ object: 'list', model: 'multilingual-e5-small', usage: { total_tokens: 26 } });
      expect(data).toHaveLength(2);
      for (const { index, document } of data) expect(document).toBe(documents[index]);
    },
  ],
  [
    '18: no member is null',
    'LiteLLM, infinity_client, Haystack JinaRanker, openrouter',
    async () => {
      for (const body of [cohere, { ...cohere, return_documents: null, model: null }]) {
        expect((await call(edge, { body })).text).not.toContain('null');
      }
    },
  ],
  [
    '19: `top_n` cuts the list of a TEI call',
    'LiteLLM huggingface',
    async () => {
      const body = { ...tei, truncate: false, truncation_direction: 'Right', return_text: true, top_n: 2 };
      const answer = await call(edge, { body });
      const rows = answer.json as { index: number; text: string }[];
      expect(rows).toHaveLength(2);
      for (const { index, text } of rows) expect(text).toBe(documents[index]);
    },
  ],
  [
    '20: a vendor prefix in `model` reaches the fleet as it stands',
    'LiteLLM fireworks_ai',
    async () => {
      await ranked({ ...cohere, model: 'fireworks/e5' });
      expect(edge.fleet.asked.at(-1)?.request.model).toBe('fireworks/e5');
    },
  ],
  [
    '21: /v1/v1/rerank is served like /v1/rerank',
    'together for Python',
    async () => expect((await ranked(cohere, '/v1/v1/rerank')).results).toHaveLength(3),
  ],
  [
    '22: models are listed as rerankers, by a name with a slash too',
    "Xinference client, LlamaIndex's NVIDIA wrappers",
    async () => {
      const list = await call(edge, { path: '/v1/models', method: 'GET' });
      expect(list.json).toMatchObject({ data: [{ id: 'multilingual-e5-small', model_type: 'rerank' }] });
      const one = await call(edge, { path: '/v1/models/intfloat/multilingual-e5-small', method: 'GET' });
      expect(one.json).toMatchObject({ id: 'multilingual-e5-small', model_type: 'rerank' });
    },
  ],
  [
    '22: /v1/cluster/auth says whether a key is needed: the client sends its key only then',
    'Xinference client',
    async () => {
      const ask = (at: TestEdge) => call(at, { path: '/v1/cluster/auth', method: 'GET' });
      expect((await ask(edge)).json).toEqual({ auth: false });
      expect((await ask(keyed)).json).toEqual({ auth: true });
    },
  ],
  [
    '23: /info has what TEI has',
    'Continue, Infinity and TEI tooling',
    async () => {
      const info = await call(edge, { path: '/info', method: 'GET' });
      expect(info.json).toMatchObject({
        model_id: 'intfloat/multilingual-e5-small',
        max_client_batch_size: 1_000,
        max_input_length: 512,
        max_batch_tokens: 512,
        auto_truncate: true,
        models: [{ id: 'multilingual-e5-small' }],
      });
    },
  ],
  [
    'slashes are collapsed and a trailing one is ignored',
    'every client that joins a base URL naively',
    async () => {
      for (const path of ['/rerank/', '/v1/rerank/', '//rerank', '/v1//rerank', '/voyage//v1/rerank/']) {
        expect((await call(edge, { path, body: cohere })).status).toBe(200);
      }
    },
  ],
  [
    '`texts` and `documents` together are refused, and so is neither',
    'whoever mixes two dialects',
    async () => {
      expect((await call(edge, { body: { ...cohere, ...tei } })).status).toBe(400);
      const neither = await call(edge, { body: { query } });
      expect(neither.status).toBe(400);
      expect(neither.json).toHaveProperty('error.param', 'documents');
    },
  ],
];

test.each(rows)('rule %s (%s)', async (_rule, _clients, check) => check());

describe('every alias answers alike', () => {
  test.each(['/rerank', '/v1/rerank', '/v2/rerank', '/v1/v1/rerank', '/v1/reranks'])('%s', async (path) => {
    const ask = (wire: WireRequest): Promise<WireAnswer> => call(edge, { path, ...wire });
    expect((await ask({ body: cohere })).json).toHaveProperty('object', 'rerank');
    expect(Array.isArray((await ask({ body: tei })).json)).toBe(true);
    expect((await ask({ body: { query, texts: 5 } })).json).toHaveProperty('error_type', 'Validation');
    expect((await ask({ body: { query, documents: 5 } })).json).toHaveProperty('detail');
  });
});
