import type { RerankJob } from '@rerank-fleet/contract';
import { encodeDocuments } from '@rerank-fleet/scoring';
import { createFakeEncoder } from '@rerank-fleet/scoring/testing';
import fc from 'fast-check';
import type { EncodeResult, EncodeSlice } from '../rows/encoding';
import { spreadCalls } from '../threads/spread-calls';
import { encodeJob, slicesOf, type DropReason } from './encode-job';

const encoder = createFakeEncoder();

const job = (requestId: string, documents: string[], overrides: Partial<RerankJob> = {}) =>
  ({ requestId, query: `query of ${requestId}`, documents, estimatedTokens: 100, ...overrides }) as RerankJob;

/** Runs slices one after the other, as the encoder's thread does, and records them. */
function fakeThread() {
  const slices: EncodeSlice[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const run = (slice: EncodeSlice): EncodeResult => {
    slices.push(slice);
    const known = 'ids' in slice.query ? { ok: true as const, query: slice.query } : encoder.encodeQuery(slice.query);
    if (!known.ok) return { ...known, durationMs: 1 };
    const { query } = known;
    return { ...encodeDocuments(encoder, query, slice), durationMs: 10 };
  };
  const encode = (slice: EncodeSlice): Promise<EncodeResult> => {
    const result = last.then(() => run(slice));
    last = result;
    return result;
  };
  return { slices, encode };
}

const stays = () => undefined;
const ignore = () => undefined;
const long = (word: string) => `${word} `.repeat(16_384 / (word.length + 1));

describe('slices of documents', () => {
  it('hold every document once, in order, and more characters than the limit only where one document has them', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 40 });
    fc.assert(
      fc.property(lengths, (each) => {
        const documents = each.map((length) => 'x'.repeat(length));
        const slices = [...slicesOf(documents)];
        expect(slices.flat()).toEqual(documents);
        for (const slice of slices) {
          expect(slice.length).toBeGreaterThan(0);
          if (slice.length > 1) expect(slice.join('').length).toBeLessThanOrEqual(16_384);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('are few: two that follow each other would not fit into one', () => {
    const documents = Array.from({ length: 100 }, (_, index) => 'x'.repeat(200 * (index % 10)));
    const sizes = [...slicesOf(documents)].map((slice) => slice.join('').length);
    sizes.slice(1).forEach((size, index) => expect(size + sizes[index]! + 1_800).toBeGreaterThan(16_384));
  });
});

describe('encoding a job', () => {
  it('gives what the encoder gives for all its documents at once', async () => {
    const { encode } = fakeThread();
    const documents = ['one', long('two'), 'three four', long('five'), 'six'];
    const result = await encodeJob(job('a', documents, { maxTokensPerDocument: 3 }), {
      encode,
      dropReason: stays,
      onSlice: ignore,
    });
    const query = encoder.encodeQuery({ query: 'query of a' });
    if (!query.ok) throw new Error('refused');
    expect(result).toEqual({
      ok: true,
      query: query.query,
      documents: documents.map((text) => encoder.encodeDocument(query.query, text, { maxTokensPerDocument: 3 })),
      durationMs: 40,
    });
  });

  it('cuts the documents of every slice from the side that the job says', async () => {
    const { encode, slices } = fakeThread();
    const documents = ['one two', long('x'), 'three four five', long('y'), 'six'];
    const one = job('a', documents, { maxTokensPerDocument: 2, truncationSide: 'left' });
    const result = await encodeJob(one, { encode, dropReason: stays, onSlice: ignore });
    expect(slices.length).toBeGreaterThan(2);
    const cut = result.ok && result.documents.map(({ truncation }) => truncation?.side);
    expect(cut).toEqual([undefined, 'left', 'left', 'left', undefined]);
    await encodeJob(job('b', ['a']), { encode, dropReason: stays, onSlice: ignore });
    expect(slices.at(-1)).not.toHaveProperty('truncationSide');
  });

  it('encodes the query once, however many slices there are', async () => {
    const { encode, slices } = fakeThread();
    const one = job('a', [long('x'), long('y'), long('z')], { instruction: 'rank' });
    await encodeJob(one, { encode, dropReason: stays, onSlice: ignore });
    expect(slices.map(({ query }) => ('ids' in query ? 'encoded' : query))).toEqual([
      { query: 'query of a', instruction: 'rank' },
      'encoded',
      'encoded',
    ]);
  });

  it.each([1, 2, 3])('gives each of several jobs its own documents in order, on %d encoders', async (count) => {
    // later threads are faster, so that slices end in another order than they began
    const threads = Array.from({ length: count }, (_, index) => ({ ...fakeThread(), turns: 2 * (count - index) }));
    const encode = spreadCalls(
      threads.map((thread) => ({
        async call(slice: EncodeSlice) {
          const result = await thread.encode(slice);
          for (let turn = 0; turn < thread.turns; turn++) await new Promise(setImmediate);
          return result;
        },
      })),
    );
    const jobs = ['a', 'b', 'c', 'd'].map((id) => job(id, [long(`${id}1`), `${id}2`, long(`${id}3`), long(`${id}4`)]));
    const results = await Promise.all(
      jobs.map((one) => encodeJob(one, { encode, dropReason: stays, onSlice: ignore })),
    );
    for (const [index, { query, documents }] of jobs.entries()) {
      const known = encoder.encodeQuery({ query });
      if (!known.ok) throw new Error('refused');
      const rows = documents.map((text) => encoder.encodeDocument(known.query, text, {}));
      expect(results[index]).toMatchObject({ ok: true, query: known.query, documents: rows });
    }
    for (const { slices } of threads) expect(slices.length).toBeGreaterThan(0);
  });

  it('reports the duration of each slice, and its share of the estimated cost by its length', async () => {
    const { encode } = fakeThread();
    const reported: [number, number][] = [];
    const onSlice = (tokens: number, durationMs: number) => reported.push([Math.round(tokens), durationMs]);
    const documents = ['x'.repeat(29_999), 'y'.repeat(9_999)];
    await encodeJob(job('a', documents), { encode, dropReason: stays, onSlice });
    expect(reported).toEqual([
      [75, 10],
      [25, 10],
    ]);
    reported.length = 0;
    await encodeJob(job('empty', ['', '']), { encode, dropReason: stays, onSlice });
    expect(reported).toEqual([[100, 10]]);
  });

  it('takes turns with other jobs', async () => {
    const { encode, slices } = fakeThread();
    const options = { encode, dropReason: stays, onSlice: ignore };
    const ends: string[] = [];
    const start = (one: RerankJob) => encodeJob(one, options).then(() => ends.push(one.requestId));
    const all = [
      start(
        job(
          'large',
          Array.from({ length: 9 }, () => long('x')),
        ),
      ),
      start(job('small', ['y'])),
    ];
    await Promise.all(all);
    expect(ends).toEqual(['small', 'large']);
    expect(slices.findIndex(({ documents }) => documents[0] === 'y')).toBe(1);
  });

  it.each(['cancelled', 'expired'] as const)('ends between two slices when it is %s', async (reason) => {
    const { encode, slices } = fakeThread();
    const dropReason = (): DropReason | undefined => (slices.length < 2 ? undefined : reason);
    const result = await encodeJob(
      job(
        'a',
        Array.from({ length: 9 }, () => long('x')),
      ),
      { encode, dropReason, onSlice: ignore },
    );
    expect(result).toMatchObject({ ok: false, dropped: reason, durationMs: 20 });
    expect(slices).toHaveLength(2);
  });

  it('ends with the first failure, of the query or of a document that it leaves no room for', async () => {
    const failure = { code: 'query_too_long' as const, message: 'too long' };
    const { encode, slices } = fakeThread();
    const failing = async (slice: EncodeSlice): Promise<EncodeResult> => {
      const result = await encode(slice);
      return slices.length < 2 ? result : { ok: false, failure, durationMs: 5 };
    };
    const result = await encodeJob(job('a', [long('x'), long('y'), long('z')]), {
      encode: failing,
      dropReason: stays,
      onSlice: ignore,
    });
    expect(result).toEqual({ ok: false, failure, durationMs: 15 });
    expect(slices).toHaveLength(2);
  });
});
