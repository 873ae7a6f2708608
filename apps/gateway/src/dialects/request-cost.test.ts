import { gzipSync } from 'node:zlib';
import { ask, dialectCases, type DialectCase } from '../client-rules/cases';
import { chooseDialect } from './choose';
import type { JsonObject } from '../http/json-object';
import type { ParsedBody } from './dialect';
import { rankEndpointOf } from '../rank/endpoints';
import { call, startEdge, type TestEdge } from '../testing';

/** What a caller can multiply costs nothing before it is refused. */

let edge: TestEdge;
beforeAll(async () => (edge = await startEdge()));
afterAll(() => edge.close());

/** Requests that once held a gateway for seconds, or ended it. */
const documentsOf = (text: string) => Array.from({ length: 1_000 }, () => ({ a: text }));
const expensive: [what: string, body: () => string][] = [
  [
    '1,000 documents by 100,000 rank_fields',
    () =>
      JSON.stringify({ query: 'q', documents: documentsOf('x'.repeat(100)), rank_fields: Array(100_000).fill('a') }),
  ],
  [
    '2,000,000 rank_fields that no document has',
    () => JSON.stringify({ query: 'q', documents: documentsOf('x'), rank_fields: Array(2_000_000).fill('b') }),
  ],
  [
    '1,000 documents by 10,000 rank_fields',
    () => JSON.stringify({ query: 'q', documents: documentsOf('x'.repeat(100)), rank_fields: Array(10_000).fill('a') }),
  ],
  [
    'a document of 4,000 characters by 200,000 rank_fields',
    () => JSON.stringify({ query: 'q', documents: [{ a: 'x'.repeat(4_000) }], rank_fields: Array(200_000).fill('a') }),
  ],
  ['a model of 9 MB', () => JSON.stringify({ model: './'.repeat(4_500_000), query: 'q', documents: ['a'] })],
  [
    'lists in 4,900,000 levels',
    () => `{"query":"q","documents":["a"],"x":${'['.repeat(4_900_000)}${']'.repeat(4_900_000)}}`,
  ],
  [
    '600,000 keys',
    () => `{"query":"q","documents":["a"],${Array.from({ length: 600_000 }, (_, at) => `"k${at}":0`).join(',')}}`,
  ],
  ['3,200,000 empty lists', () => `{"query":"q","documents":["a"],"x":[${Array(3_200_000).fill('[]').join(',')}]}`],
];

test.each(expensive)('%s are refused with the field and the limit, plain and as gzip', async (_what, write) => {
  const body = Buffer.from(write());
  for (const [encoding, bytes] of [['identity', body] as const, ['gzip', gzipSync(body, { level: 1 })] as const]) {
    const answer = await call(edge, { body: bytes, headers: { 'content-encoding': encoding } });
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({
      error: { code: 'invalid_value', param: expect.any(String) as unknown, limit: expect.any(Number) as unknown },
    });
  }
  expect(edge.fleet.asked).toHaveLength(0);
  expect(edge.observed.logLines).toEqual([]);
});

const limits = { maxDocuments: 1_000, maxTextCharacters: 1_000 };

function parse(dialect: DialectCase, body: object): ParsedBody {
  const family = rankEndpointOf(dialect.path)?.family ?? 'body-decides';
  const chosen = chooseDialect(family, body as JsonObject);
  return chosen.ok ? chosen.dialect.parse(body as JsonObject, limits) : chosen;
}

/** Something that must not be looked at. */
const untouchable = (): never => {
  throw new Error('this was looked at');
};

describe.each(dialectCases.filter(({ options }) => options.includes('rank_fields')))(
  'rank_fields of $name',
  (dialect) => {
    const withFields = (rank_fields: unknown, documents: readonly unknown[] = [{ a: 'x' }]) =>
      parse(dialect, dialect.body('q', documents, { rank_fields }));

    test('are at most a hundred, which is seen before the first is looked at', () => {
      const names = Object.defineProperty(Array(101).fill('a'), 0, { get: untouchable });
      expect(withFields(names)).toMatchObject({
        failure: {
          code: 'invalid_value',
          field: 'rank_fields',
          limit: 100,
          message: expect.stringContaining('101') as unknown,
        },
      });
      expect(withFields(Array(100).fill('a'))).toMatchObject({ ok: true, request: { documents: ['x'] } });
    });

    test('are short', () => {
      expect(withFields(['a', 'b'.repeat(257)])).toMatchObject({
        failure: { code: 'invalid_value', field: 'rank_fields[1]', limit: 256 },
      });
      expect(withFields(['b'.repeat(256)])).toMatchObject({ ok: true });
    });

    test('count once each, however often they are named', () => {
      expect(withFields(['a', 'b', 'a', 'b'], [{ a: '1', b: '2' }])).toMatchObject({
        request: { documents: ['1\n2'] },
      });
    });

    test('are joined no further than the limit of a text', () => {
      const long = { a: 'x'.repeat(600), b: 'y'.repeat(600) };
      const rest = Object.defineProperty({}, 'c', { get: untouchable, enumerable: true });
      const document = Object.defineProperties(long, Object.getOwnPropertyDescriptors(rest));
      expect(withFields(['a', 'b', 'c'], [document])).toMatchObject({ ok: false, failure: { limit: 1_000 } });
    });
  },
);

describe.each(dialectCases)('content parts of $name', (dialect) => {
  const unread = Object.defineProperty({ type: 'text' }, 'text', { get: untouchable, enumerable: true });
  const parts = [{ type: 'text', text: 'x'.repeat(600) }, { type: 'text', text: 'y'.repeat(600) }, unread];
  const tooLong = (field: string) => ({ ok: false, failure: { code: 'invalid_value', field, limit: 1_000 } });

  test.each([
    ['alone', parts],
    ['as `content`', { content: parts }],
  ])('%s are joined no further than the limit of a text', (_what, element) => {
    const { query, list } = dialect.fields;
    expect(parse(dialect, dialect.body('q', ['a', element]))).toMatchObject(tooLong(`${list}[1]`));
    expect(parse(dialect, dialect.body(element, ['a']))).toMatchObject(tooLong(query));
  });

  test('are not read past the first document that is too long', () => {
    const documents = ['a', 'x'.repeat(1_001), [unread]];
    expect(parse(dialect, dialect.body('q', documents))).toMatchObject(tooLong(`${dialect.fields.list}[1]`));
  });
});

describe.each(dialectCases.filter(({ elements }) => elements === 'objects'))('object documents of $name', (dialect) => {
  test('are built up to the first that is too long', () => {
    const last = Object.defineProperty({}, 'text', { get: untouchable, enumerable: true });
    const parsed = parse(dialect, dialect.body('q', ['a', { n: 'x'.repeat(1_000) }, last]));
    expect(parsed).toMatchObject({ ok: false, failure: { code: 'invalid_value', limit: 1_000 } });
  });
});

describe.each(dialectCases)('a field of $name that is no text to rank', (dialect) => {
  const texts = ['instruction', 'instruct'];
  const ignored = ['truncate', 'truncation', 'parameters'];
  const short = dialect.options.filter((option) => ![...texts, ...ignored, 'rank_fields'].includes(option));

  test.each(short)('%s takes no long text', async (option) => {
    const answer = await ask(edge, dialect, { [option]: 'a'.repeat(300) });
    expect([400, 422]).toContain(answer.status);
  });

  test.each(short.filter((option) => !dialect.flags.includes(option)))(
    '%s is refused with its limit before it is read',
    async (option) => {
      const answer = await ask(edge, dialect, { [option]: './'.repeat(500) });
      expect(answer.status).toBe(422);
      expect(answer.text).toMatch(option === 'model' ? /at most 256 characters/ : /at most 32 digits/);
      expect(edge.fleet.asked).toHaveLength(0);
    },
  );
});

test("DashScope's model is short", async () => {
  const body = { model: 'm'.repeat(257), input: { query: 'q', documents: ['a'] } };
  expect((await call(edge, { body })).status).toBe(422);
});

test("Weaviate's property is short", async () => {
  const answer = await call(edge, { body: { query: 'q', documents: ['a'], property: 'p'.repeat(257) } });
  expect([answer.status, answer.text]).toEqual([422, expect.stringContaining('`property` must have at most 256')]);
});

test.each([
  ['NIM', (name: string) => `/v1/retrieval/${name}/reranking`, { query: 'q', passages: ['a'] }],
  ['DeepInfra', (name: string) => `/v1/inference/${name}`, { queries: ['q'], documents: ['a'] }],
])('a name in a path of %s has the bound of one in a body', async (_who, pathOf, body) => {
  const at = (name: string) => call(edge, { path: pathOf(name), body });
  const answer = await at('n'.repeat(257));
  expect(answer.status).toBe(422);
  expect(answer.json).toMatchObject({ error: { code: 'invalid_value', param: 'model', limit: 256 } });
  expect((await at('n'.repeat(256))).status).toBe(200);
});

describe('feedback', () => {
  const results = [{ index: 0, rank: 1, clicked: true }];
  test.each([
    ['model', 256, { request_id: 'r', model: 'm'.repeat(257), results }],
    ['request_id', 100, { request_id: 'r'.repeat(101), model: 'e5', results }],
  ])('%s is short', async (param, limit, body) => {
    const answer = await call(edge, { path: '/v1/feedback', body });
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({ error: { param, limit } });
  });
});
