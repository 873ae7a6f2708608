import type { EncodedDocument } from '../encoders/encoder';
import { InvalidScoreError } from '../session/session';
import { createFakeEncoder, createFakeSession, describeSessionContract, fakeLogit, type FakeCall } from './index';

const encoder = createFakeEncoder();
const query = { key: 'k', ids: Int32Array.of(0, 1), tokens: 2 };
const document = { ids: Int32Array.of(0, 2, 3), rowTokens: 3, keptTokens: 2 };

describeSessionContract('fake session', async () => ({ session: createFakeSession(), encoder }));
describeSessionContract('fake session that does not mix queries', async () => ({
  session: createFakeSession({ traits: { mixesQueries: false, maxRows: 8 } }),
  encoder,
}));

describe('fake session', () => {
  test('spends its cost on every call, on the timer that it is given', async () => {
    const waits: number[] = [];
    const session = createFakeSession({ costMs: 7, wait: async (ms) => waits.push(ms) });
    const prepared = await session.prepare(query);
    await session.score([
      { query: prepared, document },
      { query: prepared, document },
    ]);
    expect(waits).toEqual([7, 7]);
    expect(session.calls.map((call) => call.kind)).toEqual(['prepare', 'score']);
  });

  test('fails the calls that the test selects', async () => {
    const failWith = (call: FakeCall) =>
      call.kind === 'score' && call.rows.length > 1 ? new Error('lost') : undefined;
    const session = createFakeSession({ failWith });
    const row = { query: await session.prepare(query), document };
    await expect(session.score([row, row])).rejects.toThrow('lost');
    await expect(session.score([row])).resolves.toEqual(Float64Array.of(fakeLogit(query.ids, document.ids)));
  });

  test.each([NaN, Infinity, -Infinity])('refuses %p as a logit', async (logit) => {
    const session = createFakeSession({ logitOf: () => logit });
    const row = { query: await session.prepare(query), document };
    await expect(session.score([row])).rejects.toThrow(InvalidScoreError);
  });

  test('reports the logit of each row with a refusal', async () => {
    const logitOf = (_query: unknown, { ids }: EncodedDocument) => (ids.length > document.ids.length ? NaN : 1);
    const session = createFakeSession({ logitOf });
    const prepared = await session.prepare(query);
    const bad = { ...document, ids: Int32Array.of(...document.ids, 1) };
    const rows = [document, bad, document].map((one) => ({ query: prepared, document: one }));
    await expect(session.score(rows)).rejects.toMatchObject({ logits: Float64Array.of(1, NaN, 1) });
  });
});

describe('fake encoder', () => {
  test('cuts a document and says how far it read', () => {
    const encoded = encoder.encodeDocument(query, ' one  two three ', { maxTokensPerDocument: 2 });
    expect(encoded).toMatchObject({ keptTokens: 2, truncation: { tokens: 3, keptTokens: 2, keptCharacters: 9 } });
    expect(encoder.encodeDocument(query, ' one  two', {}).ids).toEqual(encoded.ids);
  });

  test('refuses a query that is too long, instruction included', () => {
    const short = createFakeEncoder({ maxLengthTokens: 4 });
    expect(short.encodeQuery({ query: 'a b c' })).toMatchObject({ ok: true });
    expect(short.encodeQuery({ query: 'a b c', instruction: 'd' })).toMatchObject({
      ok: false,
      failure: { code: 'query_too_long', field: 'query', limit: 3 },
    });
  });
});
