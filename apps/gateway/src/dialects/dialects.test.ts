import type { Ranking, RerankRequest } from '@rerank-fleet/contract';
import { cohereAnswerSchema, errorSchema, teiAnswerSchema, teiErrorSchema, voyageAnswerSchema } from './answer-schemas';
import { cohere } from './cohere';
import type { Dialect, JsonObject } from './dialect';
import { huggingFace } from './hugging-face';
import { tei } from './tei';
import { voyage } from './voyage';

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
      maxTokensPerDocument: undefined,
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

  test('renders errors in three spellings, with the field and the limit', () => {
    const failure = { code: 'too_many_documents', message: 'm', field: 'documents', limit: 3 } as const;
    expect(errorSchema.parse(cohere.render({ ok: false, failure }))).toEqual({
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

  test('takes texts that are strings only', () => {
    expect(tei.parse({ query: 'q', texts: [{ text: 'a' }] }, limits)).toMatchObject({
      failure: { code: 'invalid_type', field: 'texts[0]' },
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
    const rendered = tei.render({ ok: false, failure: { code, message: 'm' } });
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
    const request = requestOf(voyage, { ...body, top_n: 2 });
    expect(voyageAnswerSchema.parse(voyage.render({ ok: true, ranking, request }))).toEqual({
      object: 'list',
      data: [{ index: 1, relevance_score: 0.9, document: 'b' }],
      model: 'm',
      usage: { total_tokens: 43 },
      truncated: [{ index: 0, tokens: 9, kept_tokens: 5, kept_characters: 20 }],
    });
  });

  test('renders errors without `error`', () => {
    expect(voyage.render({ ok: false, failure: { code: 'internal', message: 'm' } })).toEqual({
      detail: 'm',
      message: 'm',
    });
  });
});

test('a list of very many bad elements costs one issue, not one each', () => {
  const parsed = cohere.parse({ query: 'q', documents: ['a'], rank_fields: Array(2_000_000).fill(1) }, limits);
  expect(parsed).toMatchObject({ ok: false, failure: { field: 'rank_fields[0]' } });
  const many = cohere.parse({ query: 'q', documents: Array(2_000_000).fill(1) }, limits);
  expect(many).toMatchObject({ ok: false, failure: { code: 'too_many_documents' } });
});
