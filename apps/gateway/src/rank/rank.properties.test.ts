import { sigmoid } from '@rerank-fleet/contract';
import fc from 'fast-check';
import { dialectCases, indicesOf, isSorted, type DialectCase } from '../client-rules/cases';
import { cohereAnswerSchema } from '../dialects/answer-schemas';
import { familyOfPrefix } from '../dialects/families';
import { doubledPaths, rankEndpointOf, rankEndpoints, rankStatuses } from './endpoints';
import { familyShapes } from '../openapi/shapes';
import { call, startEdge, type TestEdge } from '../testing';

let edge: TestEdge;
beforeAll(async () => (edge = await startEdge({ env: { MAX_DOCUMENTS: '20', MAX_TEXT_CHARACTERS: '200' } })));
afterAll(() => edge.close());

const modelInPath = fc.constantFrom('e5', 'nvidia/e5', 'a//b', '%zz', '..', '%2F', '{name}', '__proto__');
const path = fc
  .tuple(fc.constantFrom(...rankEndpoints.map((endpoint) => endpoint.path), ...doubledPaths.keys()), modelInPath)
  .map(([template, name]) => template.replace('{name}', name));
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom('', '\u0000', '\ud800', '__proto__'));
/** Anything in which a letter shows. */
const query = text.map((one) => `${one}q`);
const flag = fc.constantFrom(true, false, 'true', 'false', 1, 0, '1', '0', null);
const count = fc.oneof(fc.constant(null), fc.nat(40), fc.nat(40).map(String), fc.constantFrom(1e300, '00'));
const instruction = fc.oneof(fc.constant(null), text);

/** Options that every dialect takes, or ignores as unknown; none makes scores raw. */
const options = fc.record(
  {
    model: fc.constantFrom(null, '', 'default', 'default/not-specified', 'e5', 'x/e5'),
    top_n: count,
    top_k: count,
    return_documents: flag,
    return_text: flag,
    return_input: flag,
    use_activation: fc.constantFrom(true, 'true', 1, '1', null),
    parameters: fc.jsonValue({ maxDepth: 2 }),
    truncate: fc.jsonValue({ maxDepth: 3 }),
    truncation: fc.jsonValue({ maxDepth: 3 }),
    max_tokens_per_doc: count,
    priority: fc.oneof(fc.constant(null), fc.nat(999), fc.nat(999).map(String)),
    rank_fields: fc.oneof(fc.constant(null), fc.array(fc.constantFrom('text', 'a', '__proto__'), { maxLength: 3 })),
    instruction,
    instruct: instruction,
    other: fc.jsonValue({ maxDepth: 4 }),
  },
  { requiredKeys: [] },
);
const object = fc.dictionary(fc.constantFrom('text', 'a', 'b', 'toString'), fc.jsonValue({ maxDepth: 2 }), {
  maxKeys: 3,
});
const withText = text.map((one) => ({ text: one }));
/** Short enough that three members of an object joined are within the limit. */
const isShort = (document: unknown) => JSON.stringify(document).length <= 60;
const elements = {
  texts: fc.oneof(text, withText),
  objects: fc.oneof(text, object).filter(isShort),
};

interface Sent {
  dialect: DialectCase;
  target: string;
  body: object;
  total: number;
  limit: number;
}

/** What a client of the dialect may send. */
const sentTo = (dialect: DialectCase): fc.Arbitrary<Sent> =>
  fc
    .tuple(query, fc.array(elements[dialect.elements], { minLength: 1, maxLength: 15 }), options)
    .map(([asked, documents, chosen]) => ({
      dialect,
      target: dialect.path,
      body: dialect.body(asked, documents, chosen),
      total: documents.length,
      limit: dialect.limit === undefined ? 0 : Number(chosen.top_n) || Number(chosen.top_k),
    }));
const valid = fc.oneof(...dialectCases.map(sentTo));

/** The same with one member replaced by anything. */
const spoilt = fc
  .tuple(
    valid,
    fc.constantFrom(
      ...['query', 'documents', 'texts', 'passages', 'input', 'parameters', 'property', 'model'],
      ...['top_n', 'top_k', 'return_documents', 'return_input', 'use_activation', 'rank_fields'],
    ),
    fc.oneof(fc.jsonValue(), fc.nat(40).map(String), fc.array(text, { maxLength: 3 })),
  )
  .map(([{ body }, member, value]) => ({ ...body, [member]: value }));

const shapeAt = (target: string) =>
  familyShapes[rankEndpointOf(target.replaceAll(/\/{2,}/g, '/'))?.family ?? familyOfPrefix(target)];

test('any JSON body gets a documented status and a body that its path describes', async () => {
  const bodies = fc.oneof(
    fc.jsonValue(),
    spoilt,
    valid.map(({ body }) => body),
  );
  await fc.assert(
    fc.asyncProperty(path, bodies, async (target, body) => {
      const { status, json } = await call(edge, { path: target, body });
      expect([200, 400, 413, 422]).toContain(status);
      expect(rankStatuses).toContain(status);
      const { answer, error } = shapeAt(target);
      expect((status === 200 ? answer : error).safeParse(json).error).toBeUndefined();
    }),
    { numRuns: 1_000 },
  );
  expect(edge.observed.logLines).toEqual([]);
});

test('any bytes get a documented status', async () => {
  await fc.assert(
    fc.asyncProperty(path, fc.uint8Array({ maxLength: 300 }), async (target, bytes) => {
      const { status, json } = await call(edge, { path: target, body: Buffer.from(bytes) });
      expect(status).toBe(400);
      expect(shapeAt(target).error.safeParse(json).error).toBeUndefined();
    }),
  );
});

test('a valid body is ranked: scores in [0, 1], in its order, as many as asked for, each document at most once', async () => {
  await fc.assert(
    fc.asyncProperty(valid, async ({ dialect, target, body, total, limit }) => {
      const { status, json, headers } = await call(edge, { path: target, body });
      expect(status).toBe(200);
      expect(headers['x-model']).toBe('multilingual-e5-small@2');
      const results = dialect.results(json);
      expect(results).toHaveLength(Math.min(limit || total, total));
      const indices = indicesOf(results);
      expect(new Set(indices).size).toBe(indices.length);
      expect(indices.every((index) => index >= 0 && index < total)).toBe(true);
      expect(results.every(({ score }) => dialect.isLogit || (score >= 0 && score <= 1))).toBe(true);
      if (dialect.order === 'best first') expect(isSorted(results)).toBe(true);
      else expect(results.map(({ index }) => index)).toEqual(indices);
    }),
    { numRuns: 500 },
  );
});

test('what is ranked under one path is ranked alike under all: dialects differ in spelling only', async () => {
  await fc.assert(
    fc.asyncProperty(query, fc.array(text, { minLength: 1, maxLength: 15 }), async (asked, documents) => {
      const plain = await call(edge, { path: '/v1/rerank', body: { query: asked, documents } });
      const scores = cohereAnswerSchema.parse(plain.json).results.map((one) => [one.index, one.relevance_score]);
      for (const dialect of dialectCases) {
        const { json } = await call(edge, { path: dialect.path, body: dialect.body(asked, documents) });
        const results = dialect.results(json).map(({ index, score }) => ({ index, score: fraction(dialect, score) }));
        const expected = dialect.order === 'best first' ? scores : [...scores].sort(([a = 0], [b = 0]) => a - b);
        expect(results.map(({ index, score }) => [index, score])).toEqual(expected);
      }
    }),
    { numRuns: 40 },
  );
});

function fraction({ isLogit }: DialectCase, score: number): number {
  return isLogit ? sigmoid(score) : score;
}
