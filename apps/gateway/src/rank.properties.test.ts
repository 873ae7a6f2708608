import fc from 'fast-check';
import {
  cohereAnswerSchema,
  errorSchema,
  teiAnswerSchema,
  teiErrorSchema,
  voyageAnswerSchema,
  voyageErrorSchema,
} from './dialects/answer-schemas';
import { rankEndpoints, rankStatuses } from './endpoints';
import { call, startEdge, type TestEdge } from './testing';
import { z } from './zod';

let edge: TestEdge;
beforeAll(async () => (edge = await startEdge({ env: { MAX_DOCUMENTS: '20', MAX_TEXT_CHARACTERS: '200' } })));
afterAll(() => edge.close());

const path = fc.constantFrom(...rankEndpoints.map((endpoint) => endpoint.path));
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom('', '\u0000', '\ud800', '__proto__'));
const flag = fc.constantFrom(true, false, 'true', 'false', null);
const count = fc.oneof(fc.constant(null), fc.nat(40), fc.constant(1e300));

/** Bodies that every dialect takes. */
const options = fc.record(
  {
    model: fc.constantFrom(null, '', 'default', 'e5', 'x/e5'),
    top_n: count,
    top_k: count,
    return_documents: flag,
    return_text: flag,
    truncate: flag,
    max_tokens_per_doc: count,
    priority: fc.oneof(fc.constant(null), fc.nat(999)),
    rank_fields: fc.oneof(fc.constant(null), fc.array(fc.constantFrom('text', 'a', '__proto__'), { maxLength: 3 })),
    other: fc.jsonValue({ maxDepth: 4 }),
  },
  { requiredKeys: [] },
);
const object = fc.dictionary(fc.constantFrom('text', 'a', 'b', 'toString'), fc.jsonValue({ maxDepth: 2 }), {
  maxKeys: 3,
});
const documents = fc.array(fc.oneof(text, object), { minLength: 1, maxLength: 15 });
const texts = fc.array(text, { minLength: 1, maxLength: 15 });
const valid = fc
  .tuple(text, fc.oneof(fc.record({ documents }), fc.record({ texts })), options)
  .map(([query, list, rest]) => ({ query, ...list, ...rest }))
  .filter((body) => fitting(body));

/** Short enough that three of its members joined are within the limit. */
const fitting = (body: object) =>
  ('documents' in body ? (body.documents as unknown[]) : []).every((document) => JSON.stringify(document).length <= 60);

/** The same with one member replaced by anything. */
const spoilt = fc
  .tuple(
    valid,
    fc.constantFrom('query', 'documents', 'texts', 'model', 'top_n', 'raw_scores', 'priority'),
    fc.jsonValue(),
  )
  .map(([body, member, value]) => ({ ...body, [member]: value }));

const answers = z.union([cohereAnswerSchema, teiAnswerSchema, voyageAnswerSchema]);
const errors = z.union([errorSchema, teiErrorSchema, voyageErrorSchema]);

test('any JSON body gets a documented status and a body of the described shape', async () => {
  await fc.assert(
    fc.asyncProperty(path, fc.oneof(fc.jsonValue(), spoilt, valid), async (target, body) => {
      const { status, json } = await call(edge, { path: target, body });
      expect([200, 400, 413, 422]).toContain(status);
      expect(rankStatuses).toContain(status);
      expect((status === 200 ? answers : errors).safeParse(json).success).toBe(true);
    }),
    { numRuns: 400 },
  );
  expect(edge.observed.logLines).toEqual([]);
});

test('any bytes get a documented status', async () => {
  await fc.assert(
    fc.asyncProperty(path, fc.uint8Array({ maxLength: 300 }), async (target, bytes) => {
      const { status, json } = await call(edge, { path: target, body: Buffer.from(bytes) });
      expect(status).toBe(400);
      expect(errors.safeParse(json).success).toBe(true);
    }),
  );
});

interface Row {
  index: number;
  score?: number;
  relevance_score?: number;
}

test('a valid body is ranked: scores in [0, 1], best first, as many as asked for, each document at most once', async () => {
  await fc.assert(
    fc.asyncProperty(path, valid, async (target, body) => {
      const isVoyage = target.startsWith('/voyage');
      fc.pre(!isVoyage || 'documents' in body);
      const { status, json } = await call(edge, { path: target, body });
      expect(status).toBe(200);
      const { results, data } = json as { results?: Row[]; data?: Row[] };
      const rows = Array.isArray(json) ? (json as Row[]) : (results ?? data ?? []);
      const scores = rows.map((row) => row.relevance_score ?? row.score ?? NaN);
      expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
      expect(scores).toEqual([...scores].sort((left, right) => right - left));
      const total = 'documents' in body ? body.documents.length : body.texts.length;
      const wanted = (isVoyage ? body.top_k : body.top_n) || total;
      expect(rows).toHaveLength(Math.min(wanted, total));
      expect(new Set(rows.map(({ index }) => index)).size).toBe(rows.length);
      expect(rows.every(({ index }) => index >= 0 && index < total)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
