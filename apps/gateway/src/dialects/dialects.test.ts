import { errorCodes, type Ranking, type RerankRequest } from '@rerank-fleet/contract';
import {
  cohereAnswerSchema,
  dashScopeAnswerSchema,
  dashScopeErrorSchema,
  errorSchema,
  infinityAnswerSchema,
  isaacusAnswerSchema,
  nvidiaAnswerSchema,
  teiAnswerSchema,
  teiErrorSchema,
  voyageAnswerSchema,
  weaviateAnswerSchema,
  weaviateErrorSchema,
  zeroEntropyAnswerSchema,
} from './answer-schemas';
import { cohere } from './cohere';
import { dashScope } from './dash-scope';
import type { JsonObject } from '../http/json-object';
import type { Dialect } from './dialect';
import { huggingFace } from './hugging-face';
import { infinity } from './infinity';
import { isaacus } from './isaacus';
import { nvidia } from './nvidia';
import { tei } from './tei';
import { voyage } from './voyage';
import { weaviate } from './weaviate';
import { zeroEntropy } from './zero-entropy';

const limits = { maxDocuments: 100, maxTextCharacters: 1_000 };

function requestOf(dialect: Dialect, body: JsonObject): RerankRequest {
  const parsed = dialect.parse(body, limits);
  if (!parsed.ok) throw new Error(parsed.failure.message);
  return parsed.request;
}

const ranking: Ranking = {
  requestId: 'r1',
  bundle: { name: 'm', version: '1' },
  results: [
    { index: 1, score: 0.9, logit: 2.2 },
    { index: 0, score: 0.2, logit: -1.4 },
  ],
  truncated: [{ index: 0, tokens: 9, keptTokens: 5, keptCharacters: 20 }],
  tokens: { query: 3, documents: 40 },
  timings: { queueMs: 1, tokenizationMs: 1, inferenceMs: 1 },
};

describe('cohere', () => {
  const body = { query: 'q', documents: ['a', { text: 'b' }] };

  test('a bare call is the default request', () => {
    expect(requestOf(cohere, body)).toEqual({
      model: undefined,
      query: 'q',
      instruction: undefined,
      documents: ['a', 'b'],
      topN: undefined,
      returnDocuments: false,
      rawScores: false,
      returnTokens: false,
      maxTokensPerDocument: undefined,
      truncationSide: 'right',
      priority: 0,
    });
  });

  test('renders one object for all its clients', () => {
    const request = requestOf(cohere, { ...body, return_documents: true });
    const rendered = cohere.render({ ok: true, ranking, request });
    expect(cohereAnswerSchema.parse(rendered)).toEqual({
      id: 'rerank-r1',
      object: 'rerank',
      model: 'm',
      model_version: '1',
      results: [
        { index: 1, relevance_score: 0.9, document: { text: 'b' } },
        { index: 0, relevance_score: 0.2, document: { text: 'a' } },
      ],
      usage: { prompt_tokens: 43, completion_tokens: 0, total_tokens: 43 },
      meta: {
        api_version: { version: '2' },
        billed_units: { search_units: 1 },
        tokens: { input_tokens: 43, output_tokens: 0 },
      },
      truncated: [{ index: 0, tokens: 9, kept_tokens: 5, kept_characters: 20 }],
    });
  });

  test('gives logits when raw scores are asked for, and no more results than asked for', () => {
    const request = requestOf(cohere, { ...body, raw_scores: true, top_n: 1 });
    expect(cohere.render({ ok: true, ranking, request })).toMatchObject({
      results: [{ index: 1, relevance_score: 2.2 }],
    });
  });

  test('returns the tokens of each text only when asked for', () => {
    const request = requestOf(cohere, { ...body, return_tokens: true });
    expect(request.returnTokens).toBe(true);
    const counted = { ...ranking, documentTokens: [5, null] };
    const rendered = cohere.render({ ok: true, ranking: counted, request });
    expect(cohereAnswerSchema.parse(rendered)).toMatchObject({ tokens: { query: 3, documents: [5, null] } });
    expect(cohere.render({ ok: true, ranking, request: requestOf(cohere, body) })).not.toHaveProperty('tokens');
  });

  test('renders errors in three spellings, with the field and the limit', () => {
    const failure = { code: 'too_many_documents', message: 'm', field: 'documents', limit: 3 } as const;
    expect(errorSchema.parse(cohere.render({ ok: false, failure, requestId: 'r1' }))).toEqual({
      message: 'm',
      detail: 'm',
      error: { message: 'm', type: 'invalid_request_error', code: 'too_many_documents', param: 'documents', limit: 3 },
    });
  });
});

describe('tei', () => {
  const body = { query: 'q', texts: ['a', 'b'] };

  test('renders a bare array, with the texts when asked for', () => {
    const plain = tei.render({ ok: true, ranking, request: requestOf(tei, body) });
    expect(teiAnswerSchema.parse(plain)).toEqual([
      { index: 1, score: 0.9 },
      { index: 0, score: 0.2 },
    ]);
    const request = requestOf(tei, { ...body, return_text: true, raw_scores: true, top_n: 1 });
    expect(tei.render({ ok: true, ranking, request })).toEqual([{ index: 1, score: 2.2, text: 'b' }]);
  });

  test('takes {text} for a text, as LiteLLM sends it, and no other object', () => {
    expect(requestOf(tei, { query: 'q', texts: ['a', { text: 'b' }] }).documents).toEqual(['a', 'b']);
    expect(tei.parse({ query: 'q', texts: ['a', { body: 'b' }] }, limits)).toMatchObject({
      failure: { code: 'invalid_type', field: 'texts[1]' },
    });
  });

  test.each([
    ['invalid_value', 'Validation'],
    ['queue_full', 'Overloaded'],
    ['no_worker', 'Unhealthy'],
    ['internal', 'Backend'],
    ['deadline_exceeded', 'Backend'],
    ['unauthorized', 'Validation'],
  ] as const)('%s is called %s', (code, type) => {
    const rendered = tei.render({ ok: false, failure: { code, message: 'm' }, requestId: 'r1' });
    expect(teiErrorSchema.parse(rendered)).toEqual({ error: 'm', error_type: type });
  });
});

describe('hugging-face', () => {
  test('asks like Cohere and reads a bare array', () => {
    const request = requestOf(huggingFace, { query: 'q', documents: ['a', 'b'], return_documents: true, top_n: 1 });
    expect(huggingFace.render({ ok: true, ranking, request })).toEqual([{ index: 1, score: 0.9, text: 'b' }]);
  });
});

describe('voyage', () => {
  const body = { query: 'q', documents: ['a', 'b'], top_k: 1, return_documents: true, truncation: false };

  test('limits by `top_k` and returns documents as strings', () => {
    const request = requestOf(voyage, body);
    expect(voyageAnswerSchema.parse(voyage.render({ ok: true, ranking, request }))).toEqual({
      object: 'list',
      data: [{ index: 1, relevance_score: 0.9, document: 'b' }],
      model: 'm',
      usage: { total_tokens: 43 },
      truncated: [{ index: 0, tokens: 9, kept_tokens: 5, kept_characters: 20 }],
    });
  });

  test('renders errors without `error`', () => {
    expect(voyage.render({ ok: false, failure: { code: 'internal', message: 'm' }, requestId: 'r1' })).toEqual({
      detail: 'm',
      message: 'm',
    });
  });
});

describe('infinity', () => {
  test("is the documents dialect with strings for documents, as LiteLLM's provider reads them", () => {
    const request = requestOf(infinity, { query: 'q', documents: ['a', { text: 'b' }], return_documents: true });
    const rendered = infinityAnswerSchema.parse(infinity.render({ ok: true, ranking, request }));
    expect(rendered.results).toEqual([
      { index: 1, relevance_score: 0.9, document: 'b' },
      { index: 0, relevance_score: 0.2, document: 'a' },
    ]);
    expect({ ...rendered, results: [] }).toEqual({
      ...(cohere.render({ ok: true, ranking, request }) as object),
      results: [],
    });
  });
});

describe('dash-scope', () => {
  const input = { query: 'q', documents: ['a', { text: 'b' }] };

  test('reads what lies in `input` and `parameters`', () => {
    const parameters = { top_n: 1, return_documents: 'true', instruct: 'i', unknown: 5 };
    expect(requestOf(dashScope, { model: 'm', input, parameters, query: 'other' })).toEqual({
      model: 'm',
      query: 'q',
      instruction: 'i',
      documents: ['a', 'b'],
      topN: 1,
      returnDocuments: true,
      rawScores: false,
      returnTokens: false,
      maxTokensPerDocument: undefined,
      truncationSide: 'right',
      priority: 0,
    });
  });

  test('renders `output`, `usage` and the id of the request', () => {
    const request = requestOf(dashScope, { input, parameters: { return_documents: true, top_n: 1 } });
    expect(dashScopeAnswerSchema.parse(dashScope.render({ ok: true, ranking, request }))).toEqual({
      output: { results: [{ index: 1, relevance_score: 0.9, document: { text: 'b' } }] },
      usage: { total_tokens: 43 },
      request_id: 'r1',
      truncated: [{ index: 0, tokens: 9, kept_tokens: 5, kept_characters: 20 }],
    });
  });

  test.each([
    [{}, 'input', '`input` is missing.'],
    [{ input: null }, 'input', '`input` must be an object.'],
    [{ input: 'x' }, 'input', '`input` must be an object.'],
    [{ input: {} }, 'input.query', '`input.query` is missing.'],
    [{ input: { query: 'q' } }, 'input.documents', '`input.documents` is missing.'],
    [{ input: { query: 'q', documents: 5 } }, 'input.documents', '`input.documents` must be a list.'],
    [
      { input: { query: 'q', documents: ['a', { title: 'x' }] } },
      'input.documents[1]',
      '`input.documents[1]` must be a string, or an object with a string `text`.',
    ],
    [{ input, parameters: [] }, 'parameters', '`parameters` must be an object.'],
    [{ input, parameters: { top_n: -1 } }, 'parameters.top_n', '`parameters.top_n` must be a whole number, 0 or more.'],
  ])('names the place of what is wrong in %j', (body, field, message) => {
    expect(dashScope.parse(body, limits)).toMatchObject({ ok: false, failure: { field, message } });
  });

  test('bounds the list before its elements, and every text', () => {
    const many = { input: { query: 'q', documents: Array(2_000_000).fill(1) } };
    expect(dashScope.parse(many, limits)).toMatchObject({ failure: { code: 'too_many_documents' } });
    const long = 'x'.repeat(1_001);
    const at = (body: JsonObject) => dashScope.parse(body, limits);
    expect(at({ input: { query: long, documents: ['a'] } })).toMatchObject({ failure: { field: 'input.query' } });
    expect(at({ input: { query: 'q', documents: [long] } })).toMatchObject({
      failure: { field: 'input.documents[0]' },
    });
    expect(at({ input, parameters: { instruct: long } })).toMatchObject({ failure: { field: 'parameters.instruct' } });
  });

  test('has a name of DashScope for every error code', () => {
    for (const code of errorCodes) {
      const rendered = dashScope.render({ ok: false, failure: { code, message: 'm' }, requestId: 'r7' });
      expect(dashScopeErrorSchema.parse(rendered)).toMatchObject({ message: 'm', request_id: 'r7' });
    }
  });
});

describe('nvidia', () => {
  const body = { query: { text: 'q' }, passages: [{ text: 'a' }, 'b'], truncate: 'END' };

  test('takes passages and always answers with logits', () => {
    const request = requestOf(nvidia, body);
    expect(request).toMatchObject({ query: 'q', documents: ['a', 'b'], rawScores: true, returnDocuments: false });
    expect(nvidiaAnswerSchema.parse(nvidia.render({ ok: true, ranking, request }))).toEqual({
      rankings: [
        { index: 1, logit: 2.2 },
        { index: 0, logit: -1.4 },
      ],
      truncated: [{ index: 0, tokens: 9, kept_tokens: 5, kept_characters: 20 }],
    });
  });

  test('refuses a passage without a text', () => {
    expect(nvidia.parse({ query: 'q', passages: ['a', {}] }, limits)).toMatchObject({
      failure: { code: 'invalid_type', field: 'passages[1]' },
    });
  });
});

describe('weaviate', () => {
  const body = { query: 'q', documents: ['a', 'b'], property: '', top_n: 1, return_documents: false };

  test('scores all documents in the order of the request, whatever else is in the body', () => {
    const request = requestOf(weaviate, body);
    expect(weaviateAnswerSchema.parse(weaviate.render({ ok: true, ranking, request }))).toEqual({
      scores: [
        { document: 'a', score: 0.2 },
        { document: 'b', score: 0.9 },
      ],
      truncated: [{ index: 0, tokens: 9, kept_tokens: 5, kept_characters: 20 }],
    });
    expect(ranking.results.map(({ index }) => index)).toEqual([1, 0]);
  });

  test('renders `error` as a string, the only one that its client decodes', () => {
    const rendered = weaviate.render({ ok: false, failure: { code: 'internal', message: 'm' }, requestId: 'r1' });
    expect(weaviateErrorSchema.parse(rendered)).toEqual({ message: 'm', detail: 'm', error: 'm' });
  });
});

describe('zeroentropy', () => {
  test('answers with the members that its client types, latencies in seconds and bytes of UTF-8', () => {
    const body = { model: 'zerank-2', query: '文', documents: ['a', 'é'], top_n: null, latency: null };
    const request = requestOf(zeroEntropy, body);
    expect(zeroEntropyAnswerSchema.parse(zeroEntropy.render({ ok: true, ranking, request }))).toEqual({
      results: [
        { index: 1, relevance_score: 0.9 },
        { index: 0, relevance_score: 0.2 },
      ],
      total_bytes: 6,
      total_tokens: 43,
      actual_latency_mode: 'fast',
      e2e_latency: 0.003,
      inference_latency: 0.001,
      truncated: [{ index: 0, tokens: 9, kept_tokens: 5, kept_characters: 20 }],
    });
  });
});

describe('isaacus', () => {
  const body = { model: 'kanon-2-reranker', query: 'q', texts: ['a', 'b'], top_n: 1, scoring_method: 'auto' };

  test('answers with `results` and `usage.input_tokens`', () => {
    const request = requestOf(isaacus, { ...body, is_iql: false, chunking_options: null });
    expect(isaacusAnswerSchema.parse(isaacus.render({ ok: true, ranking, request }))).toEqual({
      results: [{ index: 1, score: 0.9 }],
      usage: { input_tokens: 43 },
      truncated: [{ index: 0, tokens: 9, kept_tokens: 5, kept_characters: 20 }],
    });
  });

  test('refuses a query in IQL: as plain text it has another meaning', () => {
    expect(isaacus.parse({ ...body, is_iql: true }, limits)).toMatchObject({
      failure: { code: 'invalid_value', field: 'is_iql' },
    });
    expect(isaacus.parse({ ...body, is_iql: 'maybe' }, limits)).toMatchObject({ failure: { code: 'invalid_type' } });
  });
});

test('a list of very many bad elements costs one issue, not one each', () => {
  const parsed = cohere.parse({ query: 'q', documents: ['a'], rank_fields: Array(2_000_000).fill(1) }, limits);
  expect(parsed).toMatchObject({ ok: false, failure: { code: 'invalid_value', field: 'rank_fields', limit: 100 } });
  const many = cohere.parse({ query: 'q', documents: Array(2_000_000).fill(1) }, limits);
  expect(many).toMatchObject({ ok: false, failure: { code: 'too_many_documents' } });
});
