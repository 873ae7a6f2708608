import { parsePage } from '@rerank-fleet/metrics/testing';
import { call, startEdge, type TestEdge, type WireAnswer } from '../testing';
import { createRankingMemory } from './memory';

let edge: TestEdge;
beforeEach(async () => (edge = await startEdge()));
afterEach(() => edge.close());

const documents = ['one', 'two', 'three', 'four'];
const model = 'multilingual-e5-small';

/** Ranks, and gives the request's id with the order of its documents. */
async function ranked(body: object = {}) {
  const answer = await call(edge, { body: { query: 'q', documents, ...body } });
  const { results } = answer.json as { results: { index: number }[] };
  return { requestId: String(answer.headers['x-request-id']), order: results.map(({ index }) => index) };
}

const give = (body: unknown, headers = {}): Promise<WireAnswer> => call(edge, { path: '/v1/feedback', body, headers });

/** What was counted under `other`: the fake fleet announces no model to the metrics. */
async function counted(name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
  return parsePage(await edge.metricsPage()).value(name, { model: 'other', ...labels });
}

describe('feedback to a stored ranking', () => {
  test('needs no ranks: a click on the best document is worth 1', async () => {
    const { requestId, order } = await ranked();
    const answer = await give({ request_id: requestId, results: [{ index: order[0], clicked: true }] });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ request_id: requestId, model, counted: true, ndcg: 1, reciprocal_rank: 1 });
    expect(await counted('reranker_feedback_total', { kind: 'click' })).toBe(1);
    expect(await counted('reranker_feedback_ndcg_sum')).toBe(1);
    expect(await counted('reranker_feedback_reciprocal_rank_sum')).toBe(1);
  });

  test('judges the order by the grades', async () => {
    const { requestId, order } = await ranked();
    const results = [
      { index: order[0], grade: 0 },
      { index: order[1], grade: 3 },
      { index: order[2], grade: 1 },
    ];
    const { json } = await give({ request_id: requestId, results });
    const ideal = 7 + 1 / Math.log2(3);
    expect(json).toMatchObject({ reciprocal_rank: 0.5 });
    expect((json as { ndcg: number }).ndcg).toBeCloseTo((7 / Math.log2(3) + 1 / 2) / ideal, 12);
    expect(await counted('reranker_feedback_total', { kind: 'grade' })).toBe(1);
  });

  test('counts grades and clicks of one ranking as one judgement of two kinds', async () => {
    const { requestId, order } = await ranked();
    await give({ request_id: requestId, results: [{ index: order[0], grade: 2, clicked: true }] });
    expect(await counted('reranker_feedback_total', { kind: 'grade' })).toBe(1);
    expect(await counted('reranker_feedback_total', { kind: 'click' })).toBe(1);
    expect(await counted('reranker_feedback_ndcg_count')).toBe(1);
  });

  test('counts a relevant document that was cut off by top_n as missed', async () => {
    const { requestId, order } = await ranked({ top_n: 1 });
    const missing = documents.findIndex((_, index) => index !== order[0]);
    const { json } = await give({ request_id: requestId, results: [{ index: missing, grade: 3 }] });
    expect(json).toMatchObject({ ndcg: 0, reciprocal_rank: 0, counted: true });
  });

  test('has no nDCG when nothing was relevant', async () => {
    const { requestId } = await ranked();
    const { json } = await give({ request_id: requestId, results: [{ index: 0, grade: 0 }] });
    expect(json).toMatchObject({ ndcg: null, reciprocal_rank: 0, counted: true });
    expect(await counted('reranker_feedback_reciprocal_rank_count')).toBe(1);
    expect(await counted('reranker_feedback_ndcg_count')).toBeUndefined();
  });

  test('that was seen and not clicked counts as a miss', async () => {
    const { requestId, order } = await ranked();
    const { json } = await give({ request_id: requestId, results: [{ index: order[0], clicked: false }] });
    expect(json).toMatchObject({ counted: true, ndcg: null, reciprocal_rank: 0 });
    expect(await counted('reranker_feedback_total', { kind: 'click' })).toBe(1);
  });

  test('counts the first time only', async () => {
    const { requestId } = await ranked();
    const body = { request_id: requestId, results: [{ index: 0, clicked: true }] };
    expect((await give(body)).json).toMatchObject({ counted: true });
    expect((await give(body)).json).toMatchObject({ counted: false });
    expect(await counted('reranker_feedback_total', { kind: 'click' })).toBe(1);
  });
});

describe('feedback to a ranking that is not stored', () => {
  const shown = [
    { index: 7, rank: 2, clicked: true },
    { index: 3, rank: 1 },
  ];

  test('is counted by the model and ranks that it gives', async () => {
    const { status, json } = await give({ request_id: 'from-elsewhere', model: 'e5', results: shown });
    expect(status).toBe(200);
    expect(json).toMatchObject({ model, counted: true, reciprocal_rank: 0.5 });
  });

  test.each([
    { name: 'no model', body: { results: shown }, status: 422, field: 'model' },
    { name: 'an unknown model', body: { model: 'nobody', results: shown }, status: 404, field: 'model' },
    { name: 'no rank', body: { model, results: [{ index: 1, clicked: true }] }, status: 422, field: 'results[0].rank' },
    {
      name: 'one rank twice',
      body: { model, results: [{ ...shown[0] }, { index: 5, rank: 2 }] },
      status: 422,
      field: 'results[1].rank',
    },
  ])('is refused with $name', async ({ body, status, field }) => {
    const answer = await give({ request_id: 'from-elsewhere', ...body });
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject({ error: { param: field } });
  });
});

describe('feedback without content', () => {
  test.each([
    { name: 'no request_id', body: { results: [] }, status: 400, field: 'request_id' },
    { name: 'an empty request_id', body: { request_id: '', results: [] }, status: 422, field: 'request_id' },
    { name: 'no results', body: { request_id: 'x' }, status: 400, field: 'results' },
    { name: 'results that are no list', body: { request_id: 'x', results: 'a' }, status: 400, field: 'results' },
    { name: 'empty results', body: { request_id: 'x', model, results: [] }, status: 422, field: 'results' },
    {
      name: 'a result without a judgement',
      body: { request_id: 'x', model, results: [{ index: 0, rank: 1 }] },
      status: 422,
      field: 'results',
    },
    {
      name: 'a grade beyond the scale',
      body: { request_id: 'x', results: [{ index: 0, grade: 4 }] },
      status: 422,
      field: 'results[0].grade',
    },
    {
      name: 'a grade that is no number',
      body: { request_id: 'x', results: [{ index: 0, grade: '2' }] },
      status: 400,
      field: 'results[0].grade',
    },
    {
      name: 'a document twice',
      body: {
        request_id: 'x',
        results: [
          { index: 0, grade: 1 },
          { index: 0, grade: 2 },
        ],
      },
      status: 422,
      field: 'results[1].index',
    },
    {
      name: 'too many results',
      body: { request_id: 'x', results: new Array(1001).fill({ index: 0 }) },
      status: 413,
      field: 'results',
    },
  ])('is refused: $name', async ({ body, status, field }) => {
    const answer = await give(body);
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject({ error: { param: field } });
  });

  test('names a document that the ranking did not have', async () => {
    const { requestId } = await ranked();
    const answer = await give({ request_id: requestId, results: [{ index: 4, clicked: true }] });
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({ error: { param: 'results[0].index', limit: 3 } });
  });

  test('comes by another verb', async () => {
    const answer = await call(edge, { path: '/v1/feedback', method: 'GET' });
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST']);
  });
});

test('feedback needs a key where one is configured', async () => {
  const guarded = await startEdge({ env: { API_KEYS: 'k' } });
  try {
    const body = { request_id: 'x', model, results: [{ index: 0, rank: 1, clicked: true }] };
    expect((await call(guarded, { path: '/v1/feedback', body })).status).toBe(401);
    const headers = { authorization: 'Bearer k' };
    expect((await call(guarded, { path: '/v1/feedback', body, headers })).status).toBe(200);
  } finally {
    await guarded.close();
  }
});

describe('the memory of rankings', () => {
  const ranking = { model, documents: 3, order: [2, 0] };

  test('knows the rank of each returned document', () => {
    const memory = createRankingMemory(2);
    memory.store('a', ranking);
    const found = memory.find('a');
    expect([0, 1, 2].map((index) => found?.rankOf(index))).toEqual([2, undefined, 1]);
  });

  test('drops the oldest first', () => {
    const memory = createRankingMemory(2);
    const ids = ['a', 'b', 'c', 'd', 'e'];
    for (const [place, id] of ids.entries()) {
      memory.store(id, ranking);
      const kept = ids.filter((each) => memory.find(each) !== undefined);
      expect(kept).toEqual(ids.slice(Math.max(0, place - 1), place + 1));
    }
  });

  test('of no capacity stores nothing', () => {
    const memory = createRankingMemory(0);
    memory.store('a', ranking);
    expect(memory.find('a')).toBeUndefined();
    expect(memory.judge('a')).toBe(false);
  });
});
