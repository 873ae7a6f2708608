import { sigmoid } from '@rerank-fleet/contract';
import type { EncodedDocument, EncodedQuery, Encoder } from './encoding';
import type { Session } from './session';

/** Largest difference between two scores of one pair on one machine. */
const scoreTolerance = 1e-5;

const queries = ['How do I restart a crashed worker?', 'GPU 显存不足怎么办'];
const documents = [
  'Run the restart command of your service manager; jobs stay in the queue.',
  'The museum opens at nine.',
  '减小批大小、使用半精度或量化模型可以降低显存占用。',
  'Workers pull jobs from Redis in batches, and a batch that was not settled is taken again by another worker later.',
];

/**
 * What every session promises, whatever computes it. To be called in a jest test file; `open` is called once, and the
 * session is closed at the end.
 */
export function describeSessionContract(
  name: string,
  open: () => Promise<{ session: Session; encoder: Encoder }>,
): void {
  describe(`the session contract, ${name}`, () => {
    let session: Session;
    let encoder: Encoder;

    beforeAll(async () => ({ session, encoder } = await open()));
    afterAll(() => session.close());

    const encodeQuery = (text: string): EncodedQuery => {
      const encoded = encoder.encodeQuery({ query: text });
      if (!encoded.ok) throw new Error(encoded.failure.message);
      return encoded.query;
    };
    const rowsOf = async (query: string, texts: readonly string[]) => {
      const encoded = encodeQuery(query);
      const prepared = await session.prepare(encoded);
      return texts.map((text) => ({ query: prepared, document: encoder.encodeDocument(encoded, text, {}) }));
    };
    /** In calls as large as the session takes. */
    const scoresOf = async (rows: Awaited<ReturnType<typeof rowsOf>>) => {
      const logits: number[] = [];
      for (let at = 0; at < rows.length; at += session.traits.maxRows) {
        logits.push(...(await session.score(rows.slice(at, at + session.traits.maxRows))));
      }
      return logits.map(sigmoid);
    };
    const oneByOne = async (rows: Awaited<ReturnType<typeof rowsOf>>) => {
      const scores: number[] = [];
      for (const row of rows) scores.push(...(await scoresOf([row])));
      return scores;
    };
    const expectSame = (scores: number[], wanted: number[]) => {
      expect(scores).toHaveLength(wanted.length);
      scores.forEach((score, index) => expect(Math.abs(score - (wanted[index] ?? NaN))).toBeLessThan(scoreTolerance));
    };

    test('gives every document of a batch the score that it has alone, in the order of the rows', async () => {
      const rows = await rowsOf(queries[0] ?? '', documents);
      const alone = await oneByOne(rows);
      expectSame(await scoresOf(rows), alone);
      expectSame((await scoresOf([...rows].reverse())).reverse(), alone);
      expect(new Set(alone.map((score) => score.toFixed(4))).size).toBe(documents.length);
    });

    test('gives equal documents equal scores', async () => {
      const [text = '', other = ''] = documents;
      const [first = NaN, , last = NaN] = await scoresOf(await rowsOf(queries[0] ?? '', [text, other, text]));
      expectSame([first], [last]);
    });

    test('scores a prepared query again after others were prepared', async () => {
      const rows = await rowsOf(queries[0] ?? '', documents);
      const before = await scoresOf(rows);
      await scoresOf(await rowsOf(queries[1] ?? '', documents));
      expectSame(await scoresOf(rows), before);
    });

    test('scores rows of different queries in one call exactly when its traits say so', async () => {
      const mixed = [...(await rowsOf(queries[0] ?? '', documents)), ...(await rowsOf(queries[1] ?? '', documents))];
      if (session.traits.mixesQueries) expectSame(await scoresOf(mixed), await oneByOne(mixed));
      else await expect(session.score(mixed)).rejects.toThrow(RangeError);
      expect(mixed.every(({ query }) => session.preparedBytes(query) > 0)).toBe(true);
    });

    test('scores a text that is empty or only white space', async () => {
      const rows = await rowsOf('', ['', ' \n\t ', documents[0] ?? '']);
      const scores = await scoresOf(rows);
      expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
    });

    test('scores what came out of another thread', async () => {
      const query = encodeQuery(queries[0] ?? '');
      const document = encoder.encodeDocument(query, documents[0] ?? '', {});
      const copies: { query: EncodedQuery; document: EncodedDocument } = structuredClone({ query, document });
      const copied = await scoresOf([{ query: await session.prepare(copies.query), document: copies.document }]);
      expectSame(copied, await scoresOf([{ query: await session.prepare(query), document }]));
    });

    test('refuses no rows, and more rows than its traits allow', async () => {
      const [row] = await rowsOf(queries[0] ?? '', documents);
      if (row === undefined) throw new Error('no row');
      const tooMany = new Array<typeof row>(session.traits.maxRows + 1).fill(row);
      await expect(session.score([])).rejects.toThrow(RangeError);
      await expect(session.score(tooMany)).rejects.toThrow(RangeError);
    });

    test('refuses every call once it is closed, and closes twice without harm', async () => {
      const rows = await rowsOf(queries[0] ?? '', documents);
      await session.close();
      await session.close();
      await expect(session.score(rows.slice(0, 1))).rejects.toThrow('closed');
      await expect(session.prepare(encodeQuery(queries[0] ?? ''))).rejects.toThrow('closed');
    });
  });
}
