import { InvalidScoreError } from '@rerank-fleet/scoring';
import { createFakeSession, fakeLogit, type FakeSessionOptions } from '@rerank-fleet/scoring/testing';
import { createBatchScorer } from './score-batch';

const query = (key: string) => ({ key, ids: Int32Array.from(key, (c) => c.charCodeAt(0)), tokens: key.length });
const document = (...ids: number[]) => ({ ids: Int32Array.from(ids), rowTokens: ids.length, keptTokens: ids.length });

function setup(options: FakeSessionOptions = {}, limits = { queries: 8, bytes: 1_000 }) {
  const session = createFakeSession(options);
  const callsOf = (kind: 'prepare' | 'score') => session.calls.filter((call) => call.kind === kind).length;
  return { ...createBatchScorer(session, limits), callsOf };
}

const [good, bad] = [query('good'), query('bad')];
const documents = [document(1, 2), document(3), document(4, 5)] as const;
const mixed = {
  queries: [good, bad],
  rows: documents.map((one, index) => ({ query: index === 1 ? 1 : 0, document: one })),
};

describe('scoring a batch', () => {
  it('gives each row the logit of its own query and document, in one call', async () => {
    const { score, callsOf } = setup();
    expect([...(await score(mixed))]).toEqual(
      [good, bad, good].map(({ ids }, index) => fakeLogit(ids, documents[index]!.ids)),
    );
    expect(callsOf('score')).toBe(1);
  });

  it('hands on what the model gave for each row when one of them is no number', async () => {
    const { score, callsOf } = setup({ logitOf: (_query, { ids }) => (ids[0] === 3 ? -Infinity : ids[0]!) });
    expect([...(await score(mixed))]).toEqual([1, -Infinity, 4]);
    expect(callsOf('score')).toBe(1);
  });

  it('gives no number for the rows of a query that gives none, and scores the others in one call', async () => {
    const { score, callsOf } = setup({
      failWith: (call) =>
        call.kind === 'prepare' && call.query.key === 'bad'
          ? new InvalidScoreError('a vector is not finite')
          : undefined,
    });
    expect([...(await score(mixed))]).toEqual([
      fakeLogit(good.ids, documents[0].ids),
      NaN,
      fakeLogit(good.ids, documents[2].ids),
    ]);
    expect([...(await score({ queries: [bad], rows: [{ query: 0, document: documents[0] }] }))]).toEqual([NaN]);
    expect(callsOf('score')).toBe(1);
  });

  it('fails when the session does', async () => {
    const { score } = setup({ failWith: ({ kind }) => (kind === 'score' ? new Error('out of memory') : undefined) });
    await expect(score(mixed)).rejects.toThrow('out of memory');
  });

  it.each([
    ['within the limits', { queries: 8, bytes: 1_000 }, 1],
    ['also the last one when it is larger than the limit', { queries: 8, bytes: 1 }, 1],
  ])('keeps a prepared query %s', async (_what, limits, prepared) => {
    const { score, callsOf } = setup({}, limits);
    const batch = { queries: [good], rows: [{ query: 0, document: documents[0] }] };
    await score(batch);
    await score(batch);
    expect(callsOf('prepare')).toBe(prepared);
  });

  it('prepares a query again that had to go', async () => {
    const { score, callsOf } = setup({}, { queries: 1, bytes: 1_000 });
    for (const one of [good, bad, good]) {
      await score({ queries: [one], rows: [{ query: 0, document: documents[0] }] });
    }
    expect(callsOf('prepare')).toBe(3);
  });

  it('prepares a query once, also where it is asked for it apart from the rows', async () => {
    const { score, prepare, callsOf } = setup({}, { queries: 1, bytes: 1 });
    const shared = await prepare({ query: good });
    expect(await prepare({ query: good })).toEqual(shared);
    await score({ queries: [good], rows: [{ query: 0, document: documents[0] }] });
    expect(callsOf('prepare')).toBe(1);
  });
});
