import {
  sigmoid,
  wireVersion,
  type JobOutcome,
  type RerankRequest,
  type WorkerAnnouncement,
} from '@rerank-fleet/contract';
import { someAnnouncement } from '@rerank-fleet/queue/testing';
import fc from 'fast-check';
import { chooseBundle } from './bundles';
import { backlogLimit, defaultCapacity, jobTokens, queueFull, tooManyTokens } from './capacity';
import { estimate, split } from './estimate';
import { startGathering } from './gather';

const worker = (overrides: Partial<WorkerAnnouncement> = {}): WorkerAnnouncement =>
  someAnnouncement('w1', { aliases: ['small'], sessions: 2, ...overrides });

const request = (documents: string[], overrides: Partial<RerankRequest> = {}): RerankRequest => ({
  model: undefined,
  query: 'query',
  instruction: undefined,
  documents,
  topN: undefined,
  returnDocuments: false,
  rawScores: false,
  returnTokens: false,
  maxTokensPerDocument: undefined,
  truncationSide: 'right',
  priority: 0,
  ...overrides,
});

const succeeded = (part: number, logits: number[]): JobOutcome => ({
  v: wireVersion,
  requestId: 'r',
  part,
  ok: true,
  logits,
  tokens: { query: 5, documents: 10 * logits.length },
  truncated: [],
  timings: { queueMs: part, tokenizationMs: 1, inferenceMs: 10 - part },
});

describe('estimating and splitting', () => {
  it('counts UTF-8 bytes by the measured ratio, and no document for more than the model reads, before a speed is known', () => {
    const estimated = estimate(request(['文'.repeat(10), 'x'.repeat(90_000)]), [worker({ tokensPerByte: 0.5 })]);
    expect(estimated.documents.map((one) => one.tokens)).toEqual([20, 512]);
    expect(estimated.documents[1]?.bytes).toBeGreaterThan(90_000);
  });

  it('counts what lies past the end of what the model reads by the time that it takes to encode', () => {
    const workers = [worker({ tokensPerByte: 0.25, tokensPerSecond: 2_000 }), worker({ tokensPerSecond: 3_000 })];
    const tokensOf = (text: string, overrides: Partial<RerankRequest> = {}) =>
      estimate(request([text], overrides), workers).documents[0]?.tokens;
    // 2,500 tokens a second over 250,000 characters a second: a token for each 100 characters that are not read
    expect(tokensOf('x'.repeat(2_000))).toBe(505);
    expect(tokensOf('x'.repeat(100_000))).toBe(512 + 980);
    expect(tokensOf('\u0301'.repeat(100_000))).toBe(512 + 990);
    expect(tokensOf('x'.repeat(20_000), { maxTokensPerDocument: 95 })).toBe(100 + 197);
  });

  it('counts what it takes to encode a long query once for each job, not for each document', () => {
    const long = request(['x'.repeat(8)], { query: 'x'.repeat(100_000) });
    const rates = { tokensPerByte: 0.25, tokensPerSecond: 2_500, templateTokens: 5 };
    const apart = estimate(long, [worker(rates)]);
    expect([apart.query.tokens, apart.documents[0]?.tokens]).toEqual([512 + 980, 7]);
    const repeated = estimate(long, [worker({ ...rates, repeatsQuery: true })]);
    expect([repeated.query.tokens, repeated.documents[0]?.tokens]).toEqual([512 + 980, 512 + 1]);
  });

  it('is never less for a longer text, and grows with what a worker could have scored meanwhile', () => {
    const text = fc.integer({ min: 0, max: 100_000 });
    const tokensOf = (characters: number, tokensPerSecond: number) =>
      estimate(request(['x'.repeat(characters)]), [worker({ tokensPerSecond })]).documents[0]?.tokens ?? NaN;
    fc.assert(
      fc.property(text, text, fc.integer({ min: 1, max: 100_000 }), (one, other, speed) => {
        const [short, long] = [Math.min(one, other), Math.max(one, other)];
        expect(tokensOf(short, speed)).toBeLessThanOrEqual(tokensOf(long, speed));
        expect(tokensOf(long, speed)).toBeLessThanOrEqual(tokensOf(long, 2 * speed));
      }),
    );
  });

  it('does not take texts for free after others that made no tokens', () => {
    const workers = [worker({ tokensPerByte: 1e-6, templateTokens: 5 })];
    expect(estimate(request(['x'.repeat(1_000)]), workers).documents[0]?.tokens).toBe(55);
  });

  it('counts the query and the template with each document where its workers read them again', () => {
    const workers = [worker({ tokensPerByte: 0.5, templateTokens: 50, repeatsQuery: true })];
    const { query, documents } = estimate(request(['x'.repeat(20), 'x'.repeat(90_000)]), workers);
    expect(query.tokens).toBe(53);
    expect(documents.map((one) => one.tokens)).toEqual([63, 512]);
    const apart = estimate(request(['x'.repeat(20)]), [worker({ tokensPerByte: 0.5, templateTokens: 10 })]);
    expect(apart.documents.map((one) => one.tokens)).toEqual([20]);
  });

  it('counts no fewer bytes for a part than its job takes as JSON, whatever characters its texts have', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\u0000'.repeat(2_000), '"\\'.repeat(2_000), '\ud800'.repeat(2_000)),
    );
    fc.assert(
      fc.property(text, fc.array(text, { minLength: 1 }), (query, documents) => {
        const parts = split(estimate(request(documents, { query }), [worker()]), 20);
        for (const { first, count, cost } of parts) {
          const job = JSON.stringify({ query, documents: documents.slice(first, first + count) });
          expect(cost.bytes).toBeGreaterThanOrEqual(Buffer.byteLength(job));
        }
      }),
    );
  });

  it('puts every document into exactly one part, in order, none of them empty', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 400 }), { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 1, max: 5_000 }),
        (documents, target) => {
          const estimated = estimate(request(documents), [worker()]);
          const parts = split(estimated, target);
          let next = 0;
          for (const part of parts) {
            expect(part.first).toBe(next);
            expect(part.count).toBeGreaterThan(0);
            next += part.count;
          }
          expect(next).toBe(documents.length);
          const tokens = parts.reduce((sum, part) => sum + part.cost.tokens - estimated.query.tokens, 0);
          expect(tokens).toBe(estimated.documents.reduce((sum, one) => sum + one.tokens, 0));
        },
      ),
    );
  });

  it('makes parts of about the target, and one part of what fits', () => {
    const documents = Array.from({ length: 100 }, () => 'word '.repeat(60));
    const estimated = estimate(request(documents), [worker()]);
    expect(split(estimated, 3_000)).toHaveLength(3);
    expect(split(estimated, 100_000)).toHaveLength(1);
  });
});

describe('gathering', () => {
  const parts = [
    { first: 0, count: 2, cost: { tokens: 1, bytes: 1 } },
    { first: 2, count: 2, cost: { tokens: 1, bytes: 1 } },
  ];
  const gathering = (overrides: Partial<RerankRequest> = {}) =>
    startGathering({
      requestId: 'r',
      bundle: { name: 'tiny', version: '1' },
      request: request(['a', 'b', 'c', 'd'], overrides),
      parts,
    });

  it('has the tokens of each document when asked for, null where an older worker did not count them', () => {
    const counted = { ...succeeded(1, [3, 1]), documentTokens: [7, 8] };
    const asked = gathering({ returnTokens: true });
    asked.add(counted);
    expect(asked.add(succeeded(0, [1, 2]))).toMatchObject({ ranking: { documentTokens: [null, null, 7, 8] } });
    const unasked = gathering();
    unasked.add(counted);
    expect(unasked.add(succeeded(0, [1, 2]))).not.toHaveProperty('ranking.documentTokens');
  });

  it('ranks over all parts, best first, ties in the order of the request', () => {
    const one = gathering();
    expect(one.add(succeeded(1, [3, 1]))).toBeUndefined();
    expect(one.add(succeeded(0, [1, 2]))).toMatchObject({
      ok: true,
      ranking: {
        results: [
          { index: 2, logit: 3, score: sigmoid(3) },
          { index: 1, logit: 2 },
          { index: 0, logit: 1 },
          { index: 3, logit: 1 },
        ],
        tokens: { query: 5, documents: 40 },
        timings: { queueMs: 1, tokenizationMs: 1, inferenceMs: 10 },
      },
    });
  });

  it('keeps the best top_n', () => {
    const one = gathering({ topN: 1 });
    one.add(succeeded(0, [0, 0]));
    expect(one.add(succeeded(1, [0, 9]))).toMatchObject({ ranking: { results: [{ index: 3 }] } });
  });

  it('counts a part once, however often it is answered', () => {
    const one = gathering();
    one.add(succeeded(0, [1, 2]));
    expect(one.add(succeeded(0, [1, 2]))).toBeUndefined();
    expect(one.add(succeeded(1, [0, 0]))).toMatchObject({ ok: true, ranking: { tokens: { documents: 40 } } });
  });

  it('fails with the first failed part, and when a worker returns a wrong number of scores', () => {
    const failure = { code: 'query_too_long' as const, message: 'too long' };
    expect(gathering().add({ v: wireVersion, requestId: 'r', part: 1, ok: false, failure })).toEqual({
      ok: false,
      failure,
    });
    expect(gathering().add(succeeded(0, [1]))).toMatchObject({ ok: false, failure: { code: 'internal' } });
  });
});

describe('capacity', () => {
  const fast = worker({ tokensPerSecond: 10_000 });

  it('admits 30 s of the measured speed and never less than 65,536 tokens', () => {
    expect(backlogLimit(defaultCapacity, [fast, fast]).tokens).toBe(600_000);
    expect(backlogLimit(defaultCapacity, [worker()]).tokens).toBe(65_536);
  });

  it('goes by the sum of what its workers announce now, in every figure alike', () => {
    const slowed = worker({ tokensPerSecond: 3_000 });
    const workers = [fast, slowed];
    expect(backlogLimit(defaultCapacity, workers).tokens).toBe(390_000);
    expect(tooManyTokens(13_001, workers, 1_000)).toMatchObject({ limit: 13_000 });
    const overload = {
      inFlight: { tokens: 390_000, bytes: 1 },
      cost: { tokens: 26_000, bytes: 1 },
      limit: { tokens: 390_000, bytes: 1_000 },
    };
    expect(queueFull(overload, workers).retryAfterS).toBe(2);
  });

  it('makes jobs of half a second of one worker, at least a batch, and never more than 64 of a request', () => {
    const tokensOf = (one: WorkerAnnouncement, requestTokens: number) =>
      jobTokens(defaultCapacity, [one], { requestTokens, queryTokens: 20 });
    expect(tokensOf(fast, 20_000)).toBe(5_000);
    expect(tokensOf(worker(), 20_000)).toBe(512);
    expect(tokensOf(worker(), 512_000)).toBe(8_000);
  });

  it('keeps documents of a long query together where workers compute it once, and only there', () => {
    const long = { requestTokens: 20_000, queryTokens: 300 };
    expect(jobTokens(defaultCapacity, [worker()], long)).toBe(2_400);
    expect(jobTokens(defaultCapacity, [worker({ repeatsQuery: true })], long)).toBe(512);
  });

  it('refuses for good what the idle fleet cannot score in time, but not before a speed is measured', () => {
    expect(tooManyTokens(10_001, [fast], 1_000)).toMatchObject({ code: 'too_many_tokens', limit: 10_000 });
    expect(tooManyTokens(10_000, [fast], 1_000)).toBeUndefined();
    expect(tooManyTokens(10 ** 9, [worker()], 100)).toBeUndefined();
  });

  it('computes Retry-After from the surplus and the speed, in whole seconds from 1 to 60', () => {
    const limit = { tokens: 100_000, bytes: 1_000 };
    const busy = (tokens: number, bytes = 1) =>
      queueFull({ inFlight: { tokens, bytes }, cost: { tokens: 1_000, bytes: 1 }, limit }, [fast]).retryAfterS;
    expect(busy(99_001)).toBe(1);
    expect(busy(124_000)).toBe(3);
    expect(busy(10_000_000)).toBe(60);
    expect(busy(100_000, 2_000)).toBe(6);
  });
});

describe('choosing a bundle', () => {
  const v2 = worker({ workerId: 'w2', bundle: { name: 'tiny', version: '2' } });
  const v10 = worker({ workerId: 'w3', bundle: { name: 'tiny', version: '10' } });
  const other = worker({ workerId: 'w4', bundle: { name: 'other', version: '1' }, isDefault: false, aliases: [] });
  const fleet = { workers: [worker(), v2, v10, other], bundles: [worker(), v2, v10, other] };

  it.each([
    [undefined, 'tiny@10'],
    ['', 'tiny@10'],
    ['default', 'tiny@10'],
    ['tiny', 'tiny@10'],
    ['tiny@2', 'tiny@2'],
    ['small', 'tiny@10'],
    ['fireworks/other', 'other@1'],
    ['a/b/small', 'tiny@10'],
    ['vendor/tiny@2', 'tiny@2'],
  ])('takes %j for %s', (model, expected) => {
    const choice = chooseBundle(fleet, model);
    expect(choice.ok && `${choice.bundle.name}@${choice.bundle.version}`).toBe(expected);
  });

  it('answers an unknown name with the names that exist, without repeating it', () => {
    expect(chooseBundle(fleet, 'secret-name')).toEqual({
      ok: false,
      failure: {
        code: 'model_not_found',
        field: 'model',
        message: 'No such model. Served models: other, tiny.',
      },
    });
  });

  it('serves a name by the newest version that lives, though a newer one is known', () => {
    const without = { workers: [worker(), v2, other], bundles: fleet.bundles };
    expect(chooseBundle(without, 'tiny')).toMatchObject({ ok: true, bundle: { version: '2' } });
    expect(chooseBundle(without, 'tiny@10')).toMatchObject({ ok: false, failure: { code: 'no_worker' } });
    expect(chooseBundle(without, 'vendor/tiny@10')).toMatchObject({ ok: false, failure: { code: 'no_worker' } });
  });

  it('asks only the workers of the version that it chose', () => {
    const choice = chooseBundle(fleet, 'small');
    expect(choice.ok && choice.workers.map(({ workerId }) => workerId)).toEqual(['w3']);
  });

  it('gives an alias that two bundles share to the first by name, in any order of announcement', () => {
    const shared = ['zeta', 'beta'].map((name) => worker({ bundle: { name, version: '1' }, aliases: ['shared'] }));
    for (const workers of [shared, [...shared].reverse()]) {
      expect(chooseBundle({ workers, bundles: workers }, 'shared')).toMatchObject({ bundle: { name: 'beta' } });
    }
  });

  it('says "no worker" of a known bundle without one, and of a fleet that never had any', () => {
    const gone = { workers: [other], bundles: fleet.bundles };
    expect(chooseBundle(gone, 'tiny')).toMatchObject({ failure: { code: 'no_worker', retryAfterS: 5 } });
    expect(chooseBundle({ workers: [], bundles: [] }, 'tiny')).toMatchObject({ failure: { code: 'no_worker' } });
  });
});
