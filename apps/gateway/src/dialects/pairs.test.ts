import type { Ranking, RerankRequest } from '@rerank-fleet/contract';
import { deepInfraAnswerSchema, scoreAnswerSchema } from './answer-schemas';
import { deepInfra } from './deep-infra';
import type { JsonObject } from '../http/json-object';
import type { Dialect } from './dialect';
import { score } from './score';

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
  truncated: [],
  tokens: { query: 3, documents: 40 },
  timings: { queueMs: 1, tokenizationMs: 1, inferenceMs: 12.4 },
};

describe.each([
  { who: 'vLLM', dialect: score, query: 'text_1', list: 'text_2' },
  { who: 'vLLM by `queries` and `documents`', dialect: score, query: 'queries', list: 'documents' },
  { who: 'vLLM by `queries` and `items`', dialect: score, query: 'queries', list: 'items' },
  { who: 'vLLM by `data_1` and `data_2`', dialect: score, query: 'data_1', list: 'data_2' },
  { who: 'DeepInfra', dialect: deepInfra, query: 'queries', list: 'documents' },
])('$who', ({ dialect, query, list }) => {
  /** A query, or several, and what is to be scored for it. */
  type Sent = [queries: unknown, documents: unknown];
  const bodyOf = ([queries, documents]: Sent) => ({ [query]: queries, [list]: documents });

  test.each<[what: string, sent: Sent, documents: string[]]>([
    ['one text and many', ['q', ['a', 'b']], ['a', 'b']],
    ['a list of one and many', [['q'], ['a', 'b']], ['a', 'b']],
    ['one and one', ['q', 'a'], ['a']],
    ['lists of one', [['q'], ['a']], ['a']],
    ['one and one of content parts', ['q', { content: [{ type: 'text', text: 'a' }] }], ['a']],
    [
      'a text that is repeated for each, as LiteLLM sends it',
      [
        ['q', 'q', 'q'],
        ['a', 'b', 'c'],
      ],
      ['a', 'b', 'c'],
    ],
  ])('takes %s', (_what, sent, documents) => {
    expect(requestOf(dialect, bodyOf(sent))).toMatchObject({ query: 'q', documents });
  });

  test.each<[what: string, sent: Sent, field: string]>([
    [
      'several texts and as many',
      [
        ['q', 'r'],
        ['a', 'b'],
      ],
      query,
    ],
    ['several texts and one', [['q', 'q'], ['a']], query],
    [
      'several texts and more',
      [
        ['q', 'q'],
        ['a', 'b', 'c'],
      ],
      query,
    ],
    [
      'several objects',
      [
        [{ text: 'q' }, { text: 'q' }],
        ['a', 'b'],
      ],
      query,
    ],
    ['no text', [[], ['a']], query],
    ['no text to score', ['q', []], list],
  ])('refuses %s with 422, by its name', (_what, sent, field) => {
    const parsed = dialect.parse(bodyOf(sent), limits);
    expect(parsed).toMatchObject({ ok: false, failure: { code: 'invalid_value', field } });
    expect(parsed.ok || parsed.failure.message).toContain(`\`${field}\``);
  });

  test.each<[what: string, sent: Sent, field: string]>([
    ['a list that is none', ['q', 5], list],
    ['a query that is none', [5, ['a']], query],
    ['a query in the list that is none', [[5], ['a']], query],
    ['a text that is none', ['q', ['a', 5]], `${list}[1]`],
  ])('refuses %s with 400, by its name', (_what, sent, field) => {
    expect(dialect.parse(bodyOf(sent), limits)).toMatchObject({ failure: { code: 'invalid_type', field } });
  });

  test('bounds the list before its elements', () => {
    const many = Array<number>(500_000).fill(1);
    expect(dialect.parse(bodyOf(['q', many]), limits)).toMatchObject({ failure: { code: 'too_many_documents' } });
    expect(dialect.parse(bodyOf([many, ['a']]), limits)).toMatchObject({ failure: { code: 'invalid_value' } });
    const unread = Object.defineProperty(Array<string>(101).fill('q'), 0, {
      get: () => {
        throw new Error('this was looked at');
      },
    });
    const both = bodyOf([unread, Array<string>(101).fill('a')]);
    expect(dialect.parse(both, limits)).toMatchObject({ failure: { code: 'too_many_documents', field: list } });
  });
});

describe('score', () => {
  const body = { model: 'm', text_1: 'q', text_2: ['a', 'b'] };

  test('answers as vLLM does, in the order of the request', () => {
    const rendered = scoreAnswerSchema.parse(score.render({ ok: true, ranking, request: requestOf(score, body) }));
    expect({ ...rendered, created: 0 }).toEqual({
      id: 'score-r1',
      object: 'list',
      created: 0,
      model: 'm',
      data: [
        { index: 0, object: 'score', score: 0.2 },
        { index: 1, object: 'score', score: 0.9 },
      ],
      usage: { prompt_tokens: 43, total_tokens: 43, completion_tokens: 0 },
    });
    expect(Math.abs(rendered.created - Date.now() / 1_000)).toBeLessThan(600);
  });

  test('gives logits where the activation is switched off, and takes the options of vLLM', () => {
    const request = requestOf(score, { ...body, use_activation: false, max_tokens_per_doc: 64, priority: 7 });
    expect(request).toMatchObject({ rawScores: true, maxTokensPerDocument: 64, priority: 7 });
    expect(score.render({ ok: true, ranking, request })).toMatchObject({ data: [{ score: -1.4 }, { score: 2.2 }] });
  });

  test('says what is missing by the first spelling', () => {
    expect(score.parse({}, limits)).toMatchObject({ failure: { field: 'text_1', message: '`text_1` is missing.' } });
    expect(score.parse({ text_1: 'q' }, limits)).toMatchObject({ failure: { field: 'text_2' } });
    expect(score.parse({ queries: 'q', items: null }, limits)).toMatchObject({ failure: { field: 'text_1' } });
    expect(score.parse({ items: ['a'] }, limits)).toMatchObject({ failure: { field: 'queries' } });
  });
});

test('deepinfra answers with the scores alone, in the order of the request', () => {
  const request = requestOf(deepInfra, { queries: ['q', 'q'], documents: ['a', 'b'], instruction: 'i' });
  expect(request).toMatchObject({ instruction: 'i', topN: undefined });
  expect(deepInfraAnswerSchema.parse(deepInfra.render({ ok: true, ranking, request }))).toEqual({
    scores: [0.2, 0.9],
    input_tokens: 43,
    request_id: 'r1',
    inference_status: { status: 'succeeded', runtime_ms: 12, cost: 0, tokens_generated: 0, tokens_input: 43 },
  });
});
