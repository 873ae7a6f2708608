import { createBatcher } from '@rerank-fleet/batching';
import type { JobOutcome, RerankJob } from '@rerank-fleet/contract';
import type { TakenJob } from '@rerank-fleet/queue';
import fc from 'fast-check';
import { createPipeline, type BatchRows, type PendingRow, type PipelineEvents, type SessionRunner } from './pipeline';
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

/** Encodes a text as its character codes: a logit tells whose text it is. */
const encode = async ({ query, documents }: Pick<RerankJob, 'query' | 'documents'>) => ({
  ok: true as const,
  query: { key: query, ids: Int32Array.from(query, (c) => c.charCodeAt(0)), tokens: query.length },
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

interface Recorded {
  splits: number;
  dropped: { reason: string; documents: number }[];
  batches: number;
  settled: number;
  failures: string[];
}

interface Setup {
  run?: (batch: BatchRows) => Promise<{ logits: Float64Array; durationMs: number }>;
  sessions?: number;
  dropReason?: (job: RerankJob) => 'cancelled' | 'expired' | undefined;
  encoder?: typeof encode;
}

function setup({ run = async (batch) => scoreAll(batch), sessions = 2, dropReason, encoder = encode }: Setup = {}) {
  const recorded: Recorded = { splits: 0, dropped: [], batches: 0, settled: 0, failures: [] };
  const events: PipelineEvents = {
    taken: () => undefined,
    encoded: () => undefined,
    batchRun: () => recorded.batches++,
    batchSplit: () => recorded.splits++,
    dropped: (reason, documents) => recorded.dropped.push({ reason, documents }),
    settled: () => recorded.settled++,
    encodingFailed: (requestId) => recorded.failures.push(requestId),
    inferenceFailed: (requestIds) => recorded.failures.push(...requestIds),
  };
  const runner: SessionRunner = { run };
  const pipeline = createPipeline({
    encode: encoder,
    batcher: createBatcher<PendingRow>({ tokenBudget: 60, maxRows: 8, now: () => 0 }),
    sessions: Array.from({ length: sessions }, () => runner),
    mixesQueries: true,
    dropReason: dropReason ?? (() => undefined),
    events,
    speed: createSpeedMeter(sessions),
    now: () => 0,
  });
  const process = async (one: RerankJob) => {
    const outcomes: JobOutcome[] = [];
    const taken: TakenJob = {
      job: one,
      queueWaitMs: 0,
      retried: false,
      settle: async (outcome) => void outcomes.push(outcome),
    };
    await pipeline.process(taken);
    return outcomes;
  };
  return { pipeline, process, recorded };
}

const failure = (kind: ThreadFailure['kind']) => new ThreadCallError({ kind, message: kind });

describe('the pipeline', () => {
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

  it('splits a batch that does not fit into memory until it does', async () => {
    const { process, recorded } = setup({
      run: async (batch) => {
        if (batch.rows.length > 1) throw failure('out_of_memory');
        return scoreAll(batch);
      },
    });
    expect(await process(job('a', ['aa', 'bb', 'cc', 'dd']))).toEqual([expect.objectContaining({ ok: true })]);
    expect(recorded).toMatchObject({ splits: 3, batches: 4, failures: [] });
  });

  it('fails only the job whose row gives no number, not its batch mates', async () => {
    const poison = 'n'.charCodeAt(0);
    const { process } = setup({
      sessions: 1,
      run: async (batch) => {
        if (batch.rows.some((row) => row.document.ids[0] === poison)) throw failure('invalid_score');
        return scoreAll(batch);
      },
    });
    const [good, bad] = await Promise.all([process(job('good', ['aa', 'bb'])), process(job('bad', ['cc', 'nn']))]);
    expect(good).toEqual([expect.objectContaining({ ok: true })]);
    expect(bad).toEqual([
      expect.objectContaining({ ok: false, failure: expect.objectContaining({ code: 'invalid_score' }) }),
    ]);
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
    expect(recorded.failures).toEqual(['a']);
    expect(pipeline.heldTokens()).toBe(0);
  });
});
