import { sendFeedback } from './feedback';
import type { Grade } from './quality';
import { type Reply, rankingOf, type StandIn, startStandIn } from './testing';

let gateway: StandIn;
let reply: Reply;
beforeEach(async () => {
  reply = { body: { request_id: 'r-1', model: 'e5', counted: true, ndcg: 0.5, reciprocal_rank: 1 } };
  gateway = await startStandIn(() => reply);
});
afterEach(() => gateway.close());

const ranking = rankingOf([0.1, 0.9, 0.5]);
const grades = new Map<number, Grade>([
  [0, 3],
  [1, 0],
]);
const send = (given = {}) =>
  sendFeedback(
    { ranking: { ...ranking, ...given }, grades },
    { baseUrl: gateway.url, signal: new AbortController().signal },
  );

test('grades are sent with their ranks and the model', async () => {
  const result = await send();
  const [seen] = gateway.requests;
  expect(seen).toMatchObject({ method: 'POST', path: '/v1/feedback' });
  expect(JSON.parse(seen?.body ?? '')).toEqual({
    request_id: 'r-1',
    model: 'e5@1',
    results: [
      { index: 1, grade: 0, rank: 1 },
      { index: 0, grade: 3, rank: 3 },
    ],
  });
  expect(result).toEqual({ ok: true, value: { counted: true, ndcg: 0.5, reciprocalRank: 1 } });
});

test('a rank beyond what the gateway takes is left out', async () => {
  const order = Array.from({ length: 1_001 }, (_, position) => 1_000 - position);
  await send({ order });
  const { results } = JSON.parse(gateway.requests[0]?.body ?? '') as { results: unknown };
  expect(results).toEqual([
    { index: 1, grade: 0, rank: 1_000 },
    { index: 0, grade: 3, rank: null },
  ]);
});

test('a ranking without a request id is refused without a call', async () => {
  expect(await send({ requestId: null })).toMatchObject({
    ok: false,
    failure: { kind: 'invalid', field: 'request_id' },
  });
  expect(gateway.requests).toHaveLength(0);
});

test('an nDCG of null is one that is not defined', async () => {
  reply = { body: { counted: false, ndcg: null, reciprocal_rank: 0 } };
  expect(await send()).toEqual({ ok: true, value: { counted: false, ndcg: null, reciprocalRank: 0 } });
});

test('a refusal is returned as a failure', async () => {
  const message = 'No worker serves a model of this name.';
  reply = { status: 404, body: { message, error: { message, code: 'model_not_found', param: 'model' } } };
  expect(await send()).toMatchObject({ ok: false, failure: { kind: 'not_found', message } });
});
