import { sigmoid } from '@rerank-fleet/contract';
import type { EncodedDocument, EncodedQuery, Encoder } from '../encoders/encoder';
import type { Session } from '../session/session';

/** Largest difference between two scores of one pair on one machine. */
const scoreTolerance = 1e-5;

const queries = ['How do I restart a crashed worker?', 'GPU 显存不足怎么办'] as const;
const documents = [
  'Run the restart command of your service manager; jobs stay in the queue.',
  'The museum opens at nine.',
  '减小批大小、使用半精度或量化模型可以降低显存占用。',
  'Workers pull jobs from Redis in batches, and a batch that was not settled is taken again by another worker later.',
] as const;

/** The tested session, and how its rows are created and scored. The session exists once the tests run. */
interface Subject {
  session(): Session;
  encoder(): Encoder;
}

type Rows = Awaited<ReturnType<typeof rowsOf>>;

/**
 * Tests of what every session promises. Call it in a jest test file. `open` is called once, and the session is closed
 * at the end.
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

    const subject: Subject = { session: () => session, encoder: () => encoder };
    testBatches(subject);
    testQueries(subject);
    testTexts(subject);
    // last: it closes the session
    testRefusals(subject);
  });
}

function encodeQuery({ encoder }: Subject, text: string): EncodedQuery {
  const encoded = encoder().encodeQuery({ query: text });
  if (!encoded.ok) throw new Error(encoded.failure.message);
  return encoded.query;
}

async function rowsOf(subject: Subject, query: string, texts: readonly string[]) {
  const encoded = encodeQuery(subject, query);
  const prepared = await subject.session().prepare(encoded);
  return texts.map((text) => ({ query: prepared, document: subject.encoder().encodeDocument(encoded, text, {}) }));
}

/** Scores in calls as large as the session accepts. */
async function scoresOf({ session }: Subject, rows: Rows): Promise<number[]> {
  const { maxRows } = session().traits;
  const logits: number[] = [];
  for (let at = 0; at < rows.length; at += maxRows) {
    logits.push(...(await session().score(rows.slice(at, at + maxRows))));
  }
  return logits.map(sigmoid);
}

async function oneByOne(subject: Subject, rows: Rows): Promise<number[]> {
  const scores: number[] = [];
  for (const row of rows) scores.push(...(await scoresOf(subject, [row])));
  return scores;
}

function expectSame(scores: number[], wanted: number[]): void {
  expect(scores).toHaveLength(wanted.length);
  scores.forEach((score, index) => expect(Math.abs(score - (wanted[index] ?? NaN))).toBeLessThan(scoreTolerance));
}

function testBatches(subject: Subject): void {
  test('gives every document of a batch the score that it has alone, in the order of the rows', async () => {
    const rows = await rowsOf(subject, queries[0], documents);
    const alone = await oneByOne(subject, rows);
    expectSame(await scoresOf(subject, rows), alone);
    expectSame((await scoresOf(subject, [...rows].reverse())).reverse(), alone);
    expect(new Set(alone.map((score) => score.toFixed(4))).size).toBe(documents.length);
  });

  test('gives equal documents equal scores', async () => {
    const [text, other] = documents;
    const rows = await rowsOf(subject, queries[0], [text, other, text]);
    const [first = NaN, , last = NaN] = await scoresOf(subject, rows);
    expectSame([first], [last]);
  });
}

function testQueries(subject: Subject): void {
  test('scores a prepared query again after others were prepared', async () => {
    const rows = await rowsOf(subject, queries[0], documents);
    const before = await scoresOf(subject, rows);
    await scoresOf(subject, await rowsOf(subject, queries[1], documents));
    expectSame(await scoresOf(subject, rows), before);
  });

  test('scores rows of different queries in one call exactly when its traits say so', async () => {
    const session = subject.session();
    const first = await rowsOf(subject, queries[0], documents);
    const mixed = [...first, ...(await rowsOf(subject, queries[1], documents))];
    if (session.traits.mixesQueries) expectSame(await scoresOf(subject, mixed), await oneByOne(subject, mixed));
    else await expect(session.score(mixed)).rejects.toThrow(RangeError);
    expect(mixed.every(({ query }) => session.preparedBytes(query) > 0)).toBe(true);
  });
}

function testTexts(subject: Subject): void {
  test('scores a text that is empty or only white space', async () => {
    const scores = await scoresOf(subject, await rowsOf(subject, '', ['', ' \n\t ', documents[0]]));
    expect(scores).toHaveLength(3);
    expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
  });

  test('scores what came out of another thread', async () => {
    const session = subject.session();
    const query = encodeQuery(subject, queries[0]);
    const document = subject.encoder().encodeDocument(query, documents[0], {});
    const copies: { query: EncodedQuery; document: EncodedDocument } = structuredClone({ query, document });
    const copied = await scoresOf(subject, [{ query: await session.prepare(copies.query), document: copies.document }]);
    expectSame(copied, await scoresOf(subject, [{ query: await session.prepare(query), document }]));
  });
}

function testRefusals(subject: Subject): void {
  test('refuses no rows, and more rows than its traits allow', async () => {
    const session = subject.session();
    const [row] = await rowsOf(subject, queries[0], documents);
    if (row === undefined) throw new Error('no row');
    const tooMany = new Array<typeof row>(session.traits.maxRows + 1).fill(row);
    await expect(session.score([])).rejects.toThrow(RangeError);
    await expect(session.score(tooMany)).rejects.toThrow(RangeError);
  });

  test('refuses every call once it is closed, and closes twice without harm', async () => {
    const session = subject.session();
    const rows = await rowsOf(subject, queries[0], documents);
    await session.close();
    await session.close();
    await expect(session.score(rows.slice(0, 1))).rejects.toThrow('closed');
    await expect(session.prepare(encodeQuery(subject, queries[0]))).rejects.toThrow('closed');
  });
}
