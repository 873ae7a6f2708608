import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHead, InvalidScoreError, parseManifest, type EncodedQuery, type Manifest } from '../index';

const parsed = parseManifest(
  JSON.parse(readFileSync(join(__dirname, '../../../../models/multilingual-e5-small/1/manifest.json'), 'utf8')),
);
if (!parsed.ok || parsed.manifest.head !== 'late-interaction') throw new Error('not the default bundle');
const manifest: Manifest = { ...parsed.manifest, vectorSize: 2, maxRows: 4 };
const head = createHead(manifest);

const query = (ids: number[]): EncodedQuery => ({ key: 'k', ids: Int32Array.from(ids), tokens: ids.length });
const document = (ids: number[]) => ({ ids: Int32Array.from(ids), rowTokens: ids.length, keptTokens: 0 });
const prepared = (...vectors: number[]) => ({ vectors: Float32Array.from(vectors), count: vectors.length / 2 });
const row = (ids: number[], vectors = prepared(1, 0)) => ({ query: vectors, document: document(ids) });
const vectorsOutput = (...numbers: number[]) => ({
  token_vectors: { data: Float32Array.from(numbers), dims: [1, numbers.length / 2, 2] },
});
const scoreOutput = (...raw: number[]) => ({ score: { data: Float32Array.from(raw), dims: [raw.length] } });

describe('late interaction, the query', () => {
  test('is run alone, with one query vector that does not count', () => {
    expect(head.prepareCall(query([0, 41, 1294, 12, 9, 2]))).toEqual({
      feeds: {
        input_ids: { type: 'int64', data: BigInt64Array.of(0n, 41n, 1294n, 12n, 9n, 2n), dims: [1, 6] },
        attention_mask: { type: 'int64', data: new BigInt64Array(6).fill(1n), dims: [1, 6] },
        query_vectors: { type: 'float32', data: new Float32Array(2), dims: [1, 1, 2] },
        query_mask: { type: 'int64', data: BigInt64Array.of(0n), dims: [1, 1] },
      },
      fetches: ['token_vectors'],
    });
  });

  test('keeps the vectors of its own tokens, without the template', () => {
    const outputs = vectorsOutput(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6);
    expect(head.prepared(query([0, 41, 1294, 12, 9, 8, 2]), outputs)).toEqual(prepared(4, 4, 5, 5));
  });

  test('keeps the end token of an empty text', () => {
    expect(head.prepared(query([0, 41, 1294, 12, 2]), vectorsOutput(0, 0, 1, 1, 2, 2, 3, 3, 4, 4))).toEqual(
      prepared(4, 4),
    );
  });

  test('is refused when a vector is not a number', () => {
    const outputs = vectorsOutput(0, 0, 1, 1, 2, 2, 3, 3, NaN, 4, 5, 5);
    expect(() => head.prepared(query([0, 41, 1294, 12, 9, 2]), outputs)).toThrow(InvalidScoreError);
  });

  test('is refused when the output is absent or has another shape', () => {
    const five = query([0, 41, 1294, 12, 2]);
    expect(() => head.prepared(five, {})).toThrow('token_vectors');
    expect(() => head.prepared(five, vectorsOutput(0, 0))).toThrow('[1,1,2], not [1,5,2]');
  });
});

describe('late interaction, documents', () => {
  test('are padded on the right and masked there, their queries too', () => {
    const call = head.scoreCall([row([5, 6, 7], prepared(1, 2)), row([8], prepared(3, 4, 5, 6))]);
    expect(call).toEqual({
      feeds: {
        input_ids: { type: 'int64', data: BigInt64Array.of(5n, 6n, 7n, 8n, 1n, 1n), dims: [2, 3] },
        attention_mask: { type: 'int64', data: BigInt64Array.of(1n, 1n, 1n, 1n, 0n, 0n), dims: [2, 3] },
        query_vectors: { type: 'float32', data: Float32Array.of(1, 2, 0, 0, 3, 4, 5, 6), dims: [2, 2, 2] },
        query_mask: { type: 'int64', data: BigInt64Array.of(1n, 0n, 1n, 1n), dims: [2, 2] },
      },
      fetches: ['score'],
    });
  });

  test.each([[[-1]], [[250_002]], [[]], [new Array<number>(513).fill(5)]])('are refused with the ids %j', (ids) => {
    expect(() => head.scoreCall([row([5]), row(ids)])).toThrow(RangeError);
  });

  test('get their logit in float64 from the calibration', () => {
    const raw = Math.fround(0.9);
    expect([...head.logits([row([5]), row([6])], scoreOutput(raw, 0.826))]).toEqual([
      58 * (raw - 0.826),
      58 * (Math.fround(0.826) - 0.826),
    ]);
  });

  test.each([NaN, Infinity, -Infinity])('get no score when one is %p', (raw) => {
    expect(() => head.logits([row([5]), row([6])], scoreOutput(0.9, raw))).toThrow(InvalidScoreError);
  });

  test('get no score from an output of another length', () => {
    expect(() => head.logits([row([5]), row([6])], scoreOutput(0.9))).toThrow('[1], not [2]');
  });
});
