import { createBatcher } from '@rerank-fleet/batching';
import type { JobOutcome, RerankJob } from '@rerank-fleet/contract';
import type { TakenJob } from '@rerank-fleet/queue';
import { noTracing, type Tracing } from '@rerank-fleet/service-shell';
import { createFakeSession } from '@rerank-fleet/scoring/testing';
import { startTestTracing, type EndedSpan } from '@rerank-fleet/service-shell/testing';
import fc from 'fast-check';
import type { EncodeSlice } from './encode-job';
import { createJobSpans, type RequestIds } from './job-spans';
import {
  createPipeline,
  type BatchRows,
  type PendingRow,
  type PipelineEvents,
  type PipelineOptions,
  type SessionRunner,
} from './pipeline';
import { createBatchScorer } from './score-batch';
import { createSpeedMeter } from './speed';
import { ThreadCallError, type ThreadFailure } from './thread-rpc';

const job = (id: string, documents: string[], overrides: Partial<RerankJob> = {}): RerankJob => ({
  v: 1,
  requestId: id,
  part: 0,
  parts: 1,
  gateway: 'g',
  query: `query ${id}`,
  documents,
  firstDocument: 0,
  priority: 0,
  estimatedTokens: 10 * documents.length,
  queuedAtMs: 0,
  deadlineMs: 1e9,
  ...overrides,
});

const encodeQuery = (query: string) => ({
  key: query,
  ids: Int32Array.from(query, (c) => c.charCodeAt(0)),
  tokens: query.length,
});

/** Encodes a text as its character codes: a logit tells whose text it is. */
const encode = async ({ query, documents }: EncodeSlice | Pick<RerankJob, 'query' | 'documents'>) => ({
  ok: true as const,
  query: typeof query === 'string' ? encodeQuery(query) : 'ids' in query ? query : encodeQuery(query.query),
  documents: documents.map((text) => ({
    ids: Int32Array.from(text, (c) => c.charCodeAt(0)),
    rowTokens: text.length + 1,
    keptTokens: text.length,
  })),
  durationMs: 1,
});

const logitOf = (query: Int32Array, document: Int32Array) =>
  query.reduce((sum, id) => sum + id, 0) + document.reduce((sum, id, i) => sum + id * (i + 1), 0);

const scoreAll = ({ queries, rows }: BatchRows) => ({
  logits: Float64Array.from(rows, (row) => logitOf(queries[row.query]!.ids, row.document.ids)),
  durationMs: 1,
});

/** Scores all rows but the first, for which the model gives no number. */
const scoreAllButOne = (batch: BatchRows) => {
  const scored = scoreAll(batch);
  scored.logits[0] = NaN;
  return scored;
};

interface Recorded {
  invalid: { requestId: string; documents: readonly number[] }[];
  splits: number;
  dropped: { reason: string; documents: number }[];
  batches: number;
  settled: number;
  failed: RequestIds[];
  /** Trace ids that the metrics would get. */
  exemplars: (string | undefined)[];
}

interface Setup {
  run?: (batch: BatchRows) => Promise<{ logits: Float64Array; durationMs: number }>;
  sessions?: number;
  dropReason?: (job: RerankJob) => 'cancelled' | 'expired' | undefined;
  encoder?: PipelineOptions['encode'];
  tracing?: Tracing;
  settle?: () => Promise<void>;
  /** Throws once, at the given call of one of the functions that the pipeline uses. */
  fault?: Fault;
}

/** Everything that the pipeline calls after it holds a job, but for the report of a fault itself. */
const faultyPlaces = [
  ...(['add', 'take', 'drop'] as const).map((name) => `batcher.${name}`),
  ...(['taken', 'encoded', 'batchRun', 'batchSplit', 'dropped', 'invalidScores'] as const).map(
    (name) => `events.${name}`,
  ),
  ...(['startEncode', 'startBatch'] as const).map((name) => `spans.${name}`),
  ...['speed.batchRun', 'speed.sliceEncoded', 'session.run', 'options.encode', 'options.dropReason', 'options.now'],
];

interface Fault {
  place: string;
  /** 1 is the first call. */
  call: number;
}

/** The same object, of which one function throws at one of its calls. */
function withFault<T extends object>(name: string, target: T, fault: Fault | undefined): T {
  let calls = 0;
  return new Proxy(target, {
    get(object, key, receiver) {
      const value: unknown = Reflect.get(object, key, receiver);
      if (typeof value !== 'function' || fault?.place !== `${name}.${String(key)}`) return value;
      return (...parameters: unknown[]): unknown => {
        if (++calls === fault.call) throw new Error('a fault of ours');
        return Reflect.apply(value, object, parameters);
      };
    },
  });
}

function setup(options: Setup = {}) {
  const { run = async (batch) => scoreAll(batch), sessions = 2, dropReason, encoder = encode } = options;
  const { tracing = noTracing, settle = async () => undefined, fault } = options;
  const recorded: Recorded = {
    invalid: [],
    splits: 0,
    dropped: [],
    batches: 0,
    settled: 0,
    failed: [],
    exemplars: [],
  };
  const events: PipelineEvents = {
    taken: ({ traceId }) => recorded.exemplars.push(traceId),
    encoded: (_durationMs, traceId) => recorded.exemplars.push(traceId),
    batchRun(_batch, traceId) {
      recorded.batches++;
      recorded.exemplars.push(traceId);
    },
    batchSplit: () => recorded.splits++,
    dropped: (reason, documents) => recorded.dropped.push({ reason, documents }),
    invalidScores: ({ requestId }, documents) => recorded.invalid.push({ requestId, documents }),
    settled: () => recorded.settled++,
    jobFailed: (request) => recorded.failed.push(request),
    inferenceFailed: (requests) => recorded.failed.push(...requests),
  };
  const runner: SessionRunner = withFault('session', { run }, fault);
  const own: PipelineOptions = {
    encode: encoder,
    batcher: withFault('batcher', createBatcher<PendingRow>({ tokenBudget: 60, maxRows: 8, now: () => 0 }), fault),
    sessions: Array.from({ length: sessions }, () => runner),
    mixesQueries: true,
    dropReason: dropReason ?? (() => undefined),
    events: withFault('events', events, fault),
    spans: withFault('spans', createJobSpans(tracing, 'tiny@1'), fault),
    speed: withFault('speed', createSpeedMeter({ sessions, now: () => 0 }), fault),
    now: () => 0,
  };
  const pipeline = createPipeline(withFault('options', own, fault));
  const process = async (one: RerankJob) => {
    const outcomes: JobOutcome[] = [];
    const taken: TakenJob = {
      job: one,
      queueWaitMs: 0,
      retried: false,
      settle(outcome) {
        outcomes.push(outcome);
        return settle();
      },
    };
    await pipeline.process(taken);
    return outcomes;
  };
  return { pipeline, process, recorded };
}

const failure = (kind: ThreadFailure['kind']) => new ThreadCallError({ kind, message: kind });

describe('the pipeline', () => {
  it('counts the tokens of each document for a job that asks for it, and for no other', async () => {
    const { process } = setup();
    expect(await process(job('a', ['xy', 'z'], { returnTokens: true }))).toMatchObject([{ documentTokens: [2, 1] }]);
    expect((await process(job('b', ['xy'])))[0]).not.toHaveProperty('documentTokens');
  });

  it('gives every job the logits of its own documents, in its order', async () => {
    const { process } = setup();
    const jobs = [job('a', ['x', 'yy', 'zzz']), job('b', ['zzz', 'x'])];
    const outcomes = await Promise.all(jobs.map(process));
    for (const [i, one] of jobs.entries()) {
      const { query, documents } = await encode(one);
      expect(outcomes[i]).toEqual([
        expect.objectContaining({ ok: true, logits: documents.map((d) => logitOf(query.ids, d.ids)) }),
      ]);
    }
  });

  it('settles each job exactly once and holds nothing afterwards, whatever fails', async () => {
    const behaviour = fc.constantFrom('ok', 'out_of_memory', 'invalid_score', 'failed');
    const jobs = fc.array(fc.array(fc.string({ maxLength: 40 }), { minLength: 1, maxLength: 12 }), {
      minLength: 1,
      maxLength: 10,
    });
    await fc.assert(
      fc.asyncProperty(
        jobs,
        fc.array(behaviour, { maxLength: 30 }),
        fc.infiniteStream(fc.boolean()),
        async (texts, script, drops) => {
          const { process, pipeline } = setup({
            run: async (batch) => {
              const what = script.shift() ?? 'ok';
              await Promise.resolve();
              if (what === 'invalid_score') return scoreAllButOne(batch);
              if (what !== 'ok') throw failure(what as ThreadFailure['kind']);
              return scoreAll(batch);
            },
            dropReason: () => (drops.next().value && drops.next().value && drops.next().value ? 'expired' : undefined),
          });
          const outcomes = await Promise.all(texts.map((documents, i) => process(job(`j${i}`, documents))));
          for (const [i, settled] of outcomes.entries()) {
            expect(settled).toHaveLength(1);
            const outcome = settled[0]!;
            if (!outcome.ok) continue;
            const { query, documents } = await encode(job(`j${i}`, texts[i]!));
            expect(outcome.logits).toEqual(documents.map((d) => logitOf(query.ids, d.ids)));
          }
          // a batch that was running when its last job was dropped still ends
          await pipeline.room(1);
          expect(pipeline.heldTokens()).toBe(0);
        },
      ),
    );
  });

  it.each(faultyPlaces)('answers each job, gives back what it held and goes on, when %s throws', async (place) => {
    const texts = ['a'.repeat(25), 'b'.repeat(25), 'c', 'd', 'e', 'f'];
    for (const call of [1, 2, 3]) {
      let batches = 0;
      const { process, pipeline } = setup({
        fault: { place, call },
        run: async (batch) => {
          if (++batches === 2) throw failure('out_of_memory');
          return batches === 3 ? scoreAllButOne(batch) : scoreAll(batch);
        },
        dropReason: (one) => (one.requestId === 'gone' && batches > 0 ? 'expired' : undefined),
      });
      const jobs = ['first', 'gone', 'last'].map((id) => process(job(id, texts)));
      // what is left in the batcher, where the choice of a batch failed, goes with the batches of the next job
      const next = await process(job('next', ['x']));
      expect(next).toHaveLength(1);
      for (const outcomes of await Promise.all(jobs)) expect(outcomes).toHaveLength(1);
      await pipeline.room(1);
      expect(pipeline.heldTokens()).toBe(0);
      expect(await process(job('after', ['x']))).toMatchObject([{ ok: true }]);
    }
  });

  it('splits a batch that does not fit into memory until it does', async () => {
    const { process, recorded } = setup({
      run: async (batch) => {
        if (batch.rows.length > 1) throw failure('out_of_memory');
        return scoreAll(batch);
      },
    });
    expect(await process(job('a', ['aa', 'bb', 'cc', 'dd']))).toEqual([expect.objectContaining({ ok: true })]);
    expect(recorded).toMatchObject({ splits: 3, batches: 4, failed: [] });
  });

  it('scores the rows beside one that gives no number in the same run, and refuses that one by its place', async () => {
    const poison = 'n'.charCodeAt(0);
    const session = createFakeSession({
      logitOf: (query, { ids }) => (ids[0] === poison ? NaN : logitOf(query.ids, ids)),
    });
    const score = createBatchScorer(session, { queries: 8, bytes: 1_000 });
    let release = (): void => undefined;
    const busy = new Promise<void>((resolve) => (release = resolve));
    const { process, recorded, pipeline } = setup({
      sessions: 1,
      run: async (batch) => {
        await busy;
        return { logits: await score(batch), durationMs: 1 };
      },
    });
    const before = process(job('before', ['x']));
    const good = [job('a', ['aaaaa', 'bbbbb', 'ccccc']), job('c', ['ddddd', 'eeeee'])];
    const bad = job('b', ['fffff', 'nnnnn', 'ggggg'], { firstDocument: 40, part: 1, parts: 2 });
    const outcomes = [...good, bad].map(process);
    release();
    await before;
    const [a, c, b] = await Promise.all(outcomes);
    for (const [outcome, { query, documents }] of [[a, good[0]!] as const, [c, good[1]!] as const]) {
      const codes = await encode({ query, documents });
      const logits = codes.documents.map(({ ids }) => logitOf(codes.query.ids, ids));
      expect(outcome).toEqual([expect.objectContaining({ ok: true, logits })]);
    }
    expect(b).toMatchObject([
      {
        ok: false,
        failure: {
          code: 'invalid_score',
          field: 'documents[41]',
          message: 'The model gave a score that is not a number for document 41.',
        },
      },
    ]);
    expect(
      session.calls.filter(({ kind }) => kind === 'score').map((call) => 'rows' in call && call.rows.length),
    ).toEqual([1, 8]);
    expect(recorded).toMatchObject({
      batches: 2,
      splits: 0,
      failed: [],
      invalid: [{ requestId: 'b', documents: [41] }],
    });
    await pipeline.room(1);
    expect(pipeline.heldTokens()).toBe(0);
  });

  it('names the first of several documents that give no number, and does not run the others of the job', async () => {
    const { process, recorded } = setup({
      sessions: 1,
      run: async ({ rows }) => ({ logits: new Float64Array(rows.length).fill(Infinity), durationMs: 1 }),
    });
    const texts = Array.from({ length: 20 }, (_, index) => 'x'.repeat(20 - (index % 10)));
    expect(await process(job('bad', texts, { firstDocument: 5 }))).toMatchObject([
      { failure: { code: 'invalid_score', field: expect.stringMatching(/^documents\[\d+\]$/) } },
    ]);
    const [{ documents = [] } = {}] = recorded.invalid;
    expect(documents.every((index) => index >= 5 && index < 25)).toBe(true);
    expect(recorded).toMatchObject({ batches: 1, splits: 0, invalid: [{ requestId: 'bad' }] });
  });

  it('answers an expired job without encoding it', async () => {
    const encoder = jest.fn(encode);
    const { process, recorded } = setup({ dropReason: () => 'expired', encoder });
    expect(await process(job('late', ['a', 'b']))).toMatchObject([
      { ok: false, failure: { code: 'deadline_exceeded' } },
    ]);
    expect(encoder).not.toHaveBeenCalled();
    expect(recorded.dropped).toEqual([{ reason: 'expired', documents: 2 }]);
  });

  it('stops encoding a job whose caller goes away on the way, and gives back what it held', async () => {
    let slices = 0;
    const { process, recorded, pipeline } = setup({
      encoder: (slice) => {
        slices++;
        return encode(slice);
      },
      dropReason: (one) => (one.requestId === 'gone' && slices === 2 ? 'cancelled' : undefined),
    });
    const long = Array.from({ length: 5 }, () => 'x'.repeat(50_000));
    expect(await process(job('gone', long))).toMatchObject([{ ok: false, failure: { code: 'cancelled' } }]);
    expect(slices).toBe(2);
    expect(recorded.dropped).toEqual([{ reason: 'cancelled', documents: 5 }]);
    expect(pipeline.heldTokens()).toBe(0);
  });

  it('drops the waiting rows of a caller that went away, and goes on with the others', async () => {
    let gone = false;
    let release = (): void => undefined;
    const firstBatch = new Promise<void>((resolve) => (release = resolve));
    const { process, recorded, pipeline } = setup({
      sessions: 1,
      run: async (batch) => {
        if (!gone) await firstBatch;
        return scoreAll(batch);
      },
      dropReason: (one) => (gone && one.requestId === 'gone' ? 'cancelled' : undefined),
    });
    const leaving = process(
      job(
        'gone',
        Array.from({ length: 20 }, () => 'x'.repeat(20)),
      ),
    );
    const staying = process(job('stays', ['aa']));
    gone = true;
    release();
    expect(await leaving).toMatchObject([{ ok: false, failure: { code: 'cancelled' } }]);
    expect(await staying).toMatchObject([{ ok: true }]);
    expect(recorded.dropped.reduce((sum, one) => sum + one.documents, 0)).toBeGreaterThan(10);
    expect(recorded.batches).toBeLessThan(4);
    expect(pipeline.heldTokens()).toBe(0);
  });

  it('has room again when enough rows are scored, before the job is done', async () => {
    const waiting: (() => void)[] = [];
    const { process, pipeline } = setup({
      sessions: 1,
      run: (batch) => new Promise((resolve) => waiting.push(() => resolve(scoreAll(batch)))),
    });
    const working = process(
      job(
        'big',
        Array.from({ length: 6 }, () => 'x'.repeat(29)),
      ),
    );
    expect(pipeline.heldTokens()).toBe(60);
    let room = false;
    void pipeline.room(150).then(() => (room = true));
    await new Promise(setImmediate);
    expect(pipeline.heldTokens()).toBe(180);
    const free = async () => {
      waiting.shift()?.();
      await new Promise(setImmediate);
    };
    expect(room).toBe(true); // the estimate was below the limit; a new wait counts the real rows
    let more = false;
    void pipeline.room(150).then(() => (more = true));
    await new Promise(setImmediate);
    expect(more).toBe(false);
    await free();
    expect(more).toBe(true);
    while (waiting.length > 0) await free();
    await working;
    expect(pipeline.heldTokens()).toBe(0);
  });

  it('answers "internal" when encoding fails, and holds nothing', async () => {
    const { process, pipeline, recorded } = setup({ encoder: () => Promise.reject(new Error('broken')) });
    expect(await process(job('a', ['x']))).toMatchObject([{ ok: false, failure: { code: 'internal' } }]);
    expect(recorded.failed).toMatchObject([{ requestId: 'a' }]);
    expect(pipeline.heldTokens()).toBe(0);
  });
});

describe('the spans of the pipeline', () => {
  const traceOf = (digit: string) => digit.repeat(32);
  const traced = (digit: string, flags = '01') => ({
    traceparent: `00-${traceOf(digit)}-${digit.repeat(16)}-${flags}`,
  });
  const inTrace = (spans: EndedSpan[], digit: string) => spans.filter(({ traceId }) => traceId === traceOf(digit));
  const called = (spans: EndedSpan[], name: string) => spans.filter((span) => span.name === name);

  it('lead from the caller over the job to its encoding and its batch', async () => {
    const { tracing, ended, open } = startTestTracing();
    const { process, recorded } = setup({ tracing });
    await process(job('a', ['xx', 'yy'], traced('a')));
    const [encoding, batch, processing] = ended;
    expect(ended.map(({ name, kind }) => [name, kind])).toEqual([
      ['encode', 'internal'],
      ['batch', 'internal'],
      ['process tiny@1', 'consumer'],
    ]);
    expect(processing).toMatchObject({
      traceId: traceOf('a'),
      parentSpanId: 'a'.repeat(16),
      failed: false,
      attributes: { 'rerank.request_id': 'a', 'rerank.document_count': 2, 'rerank.outcome': 'completed' },
    });
    expect(encoding).toMatchObject({ parentSpanId: processing?.spanId, attributes: { 'rerank.token_count': 11 } });
    expect(batch).toMatchObject({
      parentSpanId: processing?.spanId,
      links: [],
      attributes: { 'rerank.job_count': 1, 'rerank.document_count': 2, 'rerank.padded_token_count': 6 },
    });
    expect(recorded.exemplars).toEqual([traceOf('a'), traceOf('a'), traceOf('a')]);
    expect(open()).toEqual([]);
  });

  it('show a batch of several jobs as the child of the first, and in each other trace as an inference that links to it', async () => {
    const { tracing, ended } = startTestTracing();
    let release = (): void => undefined;
    const busy = new Promise<void>((resolve) => (release = resolve));
    const { process } = setup({ tracing, sessions: 1, run: (batch) => busy.then(() => scoreAll(batch)) });
    const jobs = [
      process(job('first', ['x'])),
      process(job('b', ['y'], traced('b'))),
      process(job('c', ['z'], traced('c'))),
    ];
    await new Promise(setImmediate);
    release();
    await Promise.all(jobs);
    const [jobB] = called(inTrace(ended, 'b'), 'process tiny@1');
    const [jobC] = called(inTrace(ended, 'c'), 'process tiny@1');
    const [batch] = called(inTrace(ended, 'b'), 'batch');
    const [inference] = called(inTrace(ended, 'c'), 'inference');
    expect(batch).toMatchObject({ parentSpanId: jobB?.spanId, links: [jobC?.spanId] });
    expect(inference).toMatchObject({
      parentSpanId: jobC?.spanId,
      links: [batch?.spanId],
      durationMs: batch?.durationMs,
    });
    expect(called(inTrace(ended, 'b'), 'inference')).toEqual([]);
    expect(called(inTrace(ended, 'c'), 'batch')).toEqual([]);
  });

  it('are not made for a caller that records nothing, whose batch mates are shown all the same', async () => {
    const { tracing, ended } = startTestTracing();
    let release = (): void => undefined;
    const busy = new Promise<void>((resolve) => (release = resolve));
    const { process, recorded } = setup({ tracing, sessions: 1, run: (batch) => busy.then(() => scoreAll(batch)) });
    const jobs = [
      process(job('busy', ['x'], traced('a', '00'))),
      process(job('quiet', ['y'], traced('b', '00'))),
      process(job('shown', ['z'], traced('c'))),
    ];
    await new Promise(setImmediate);
    release();
    await Promise.all(jobs);
    expect(new Set(ended.map(({ traceId }) => traceId))).toEqual(new Set([traceOf('c')]));
    expect(called(ended, 'batch')).toMatchObject([{ links: [], attributes: { 'rerank.job_count': 2 } }]);
    expect(new Set(recorded.exemplars)).toEqual(new Set([undefined, traceOf('c')]));
  });

  it('end once each, whatever fails, and tell what failed', async () => {
    const behaviour = fc.constantFrom('ok', 'out_of_memory', 'invalid_score', 'failed');
    const jobs = fc.array(fc.array(fc.string({ maxLength: 20 }), { minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(
        jobs,
        fc.array(behaviour, { maxLength: 20 }),
        fc.infiniteStream(fc.boolean()),
        async (texts, script, drops) => {
          const { tracing, ended, open } = startTestTracing();
          const { process, pipeline } = setup({
            tracing,
            encoder: async (one) => {
              if (one.documents[0] === '') throw new Error('broken');
              return encode(one);
            },
            run: async (batch) => {
              const what = script.shift() ?? 'ok';
              await Promise.resolve();
              if (what === 'invalid_score') return scoreAllButOne(batch);
              if (what !== 'ok') throw failure(what as ThreadFailure['kind']);
              return scoreAll(batch);
            },
            dropReason: () => (drops.next().value && drops.next().value && drops.next().value ? 'expired' : undefined),
          });
          const outcomes = await Promise.all(texts.map((documents, i) => process(job(`j${i}`, documents))));
          await pipeline.room(1);
          await new Promise(setImmediate);
          expect(open()).toEqual([]);
          const processing = called(ended, 'process tiny@1');
          expect(processing).toHaveLength(texts.length);
          for (const [i, [outcome]] of outcomes.entries()) {
            const span = processing.find(({ attributes }) => attributes['rerank.request_id'] === `j${i}`);
            const code = outcome?.ok === false ? outcome.failure.code : undefined;
            expect(span?.attributes['error.type']).toBe(code);
            expect(span?.failed).toBe(code !== undefined && code !== 'deadline_exceeded');
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('tell of a job that could not be answered', async () => {
    const { tracing, ended, open } = startTestTracing();
    const { process } = setup({ tracing, settle: () => Promise.reject(new Error('gone')) });
    await expect(process(job('a', ['x']))).rejects.toThrow('gone');
    expect(called(ended, 'process tiny@1')).toMatchObject([
      { failed: true, attributes: { 'error.type': 'redis_away' } },
    ]);
    expect(open()).toEqual([]);
  });

  it('name the trace of what fails in the log, recorded or not', async () => {
    const broken = () => Promise.reject(new Error('broken'));
    for (const part of [{ encoder: broken }, { run: broken }]) {
      const { process, recorded } = setup(part);
      await process(job('a', ['x'], traced('a')));
      expect(recorded.failed).toEqual([{ requestId: 'a', traceId: traceOf('a') }]);
    }
  });

  it('hold no text of a job', async () => {
    const { tracing, ended } = startTestTracing();
    const { process } = setup({ tracing });
    await process(job('a', ['secret document'], { query: 'secret question', instruction: 'secret order' }));
    expect(ended).not.toEqual([]);
    expect(JSON.stringify(ended)).not.toContain('secret');
  });
});
