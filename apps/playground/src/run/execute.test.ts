import { getEventListeners } from 'node:events';
import { executeCompare, executeRank } from './execute';

const answer = (model: string) => ({
  model,
  model_version: '1',
  results: [{ index: 0, relevance_score: 0.5 }],
  usage: { total_tokens: 3 },
});
const request = (model: string) => ({ model, query: 'q', documents: ['d'], instruction: '' });
const requests = { a: request('left'), b: request('right') };
const options = (signal = new AbortController().signal) => ({ baseUrl: 'http://gateway.example/', signal });

type Reply = (signal: AbortSignal) => Promise<Response>;
const ok =
  (model: string): Reply =>
  async () =>
    Response.json(answer(model));
const fails =
  (status: number, code: string): Reply =>
  async () =>
    Response.json({ message: 'no', error: { message: 'no', code } }, { status });
const hangs: Reply = (signal) =>
  new Promise((_, reject) => {
    const abort = () => reject(new Error('aborted'));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
  });

/** Answers by the model that is asked for. */
function gateway(replies: Record<string, Reply>) {
  jest.spyOn(globalThis, 'fetch').mockImplementation((_, init) => {
    const { model } = JSON.parse(String(init?.body)) as { model: string };
    return replies[model]!(init!.signal!);
  });
}
afterEach(() => jest.restoreAllMocks());

test('a ranking keeps the request that it answers', async () => {
  gateway({ left: ok('left') });
  const executed = await executeRank(requests.a, options());
  expect(executed).toMatchObject({
    ok: true,
    outcome: { mode: 'rank', ranked: { request: requests.a, ranking: { model: 'left@1' } } },
  });
});

test('a comparison has each side under its own name', async () => {
  gateway({ left: ok('left'), right: ok('right') });
  expect(await executeCompare(requests, options())).toMatchObject({
    ok: true,
    outcome: { mode: 'compare', a: { ranking: { model: 'left@1' } }, b: { ranking: { model: 'right@1' } } },
  });
});

test('a side that fails gives the other one up and is the one that is named', async () => {
  gateway({ left: hangs, right: fails(429, 'queue_full') });
  expect(await executeCompare(requests, options())).toMatchObject({
    ok: false,
    reason: { side: 'b', failure: { kind: 'overloaded' } },
  });
  gateway({ left: fails(404, 'model_not_found'), right: hangs });
  expect(await executeCompare(requests, options())).toMatchObject({
    ok: false,
    reason: { side: 'a', failure: { kind: 'not_found' } },
  });
});

test('a comparison that the user gives up is cancelled on both sides', async () => {
  gateway({ left: hangs, right: hangs });
  const stop = new AbortController();
  const executed = executeCompare(requests, options(stop.signal));
  stop.abort();
  expect(await executed).toMatchObject({ ok: false, reason: { failure: { kind: 'cancelled' } } });
});

test('a comparison leaves no listener on the signal of the user', async () => {
  gateway({ left: ok('left'), right: ok('right') });
  const { signal } = new AbortController();
  await executeCompare(requests, options(signal));
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a comparison that was given up before it began is cancelled', async () => {
  gateway({ left: hangs, right: hangs });
  const executed = await executeCompare(requests, options(AbortSignal.abort()));
  expect(executed).toMatchObject({ ok: false, reason: { failure: { kind: 'cancelled' } } });
});
