import { noTracing } from '@rerank-fleet/service-shell';
import { startTestTracing, type EndedSpan } from '@rerank-fleet/service-shell/testing';
import fc from 'fast-check';
import { behaviours, encode, job, scoreAll, scriptedSession, setup } from '../pipeline/testing';
import { createJobSpans, type JobSpans } from './job-spans';

function startSpans() {
  const { tracing, ended, open } = startTestTracing();
  return { spans: createJobSpans(tracing, 'tiny@1'), ended, open };
}

/** The same spans, and the traces that metrics would name with what they count. */
function withTraces(spans: JobSpans) {
  const named: (string | undefined)[] = [];
  const listener: JobSpans = {
    ...spans,
    taken(taken) {
      spans.taken(taken);
      named.push(spans.jobTraceId(taken.job));
    },
    encoded(one, result) {
      spans.encoded(one, result);
      named.push(spans.jobTraceId(one));
    },
    batchRun(run, end) {
      spans.batchRun(run, end);
      named.push(spans.batchTraceId(run));
    },
  };
  return { listener, named };
}

describe('the spans of a worker', () => {
  const traceOf = (digit: string) => digit.repeat(32);
  const traced = (digit: string, flags = '01') => ({
    traceparent: `00-${traceOf(digit)}-${digit.repeat(16)}-${flags}`,
  });
  const inTrace = (spans: EndedSpan[], digit: string) => spans.filter(({ traceId }) => traceId === traceOf(digit));
  const called = (spans: EndedSpan[], name: string) => spans.filter((span) => span.name === name);

  it('lead from the caller over the job to its encoding and its batch', async () => {
    const { spans, ended, open } = startSpans();
    const { listener, named } = withTraces(spans);
    const { process } = setup({ listener });
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
    expect(named).toEqual([traceOf('a'), traceOf('a'), traceOf('a')]);
    expect(open()).toEqual([]);
  });

  it('show a batch of several jobs as the child of the first, and in each other trace as an inference that links to it', async () => {
    const { spans, ended } = startSpans();
    let release = (): void => undefined;
    const busy = new Promise<void>((resolve) => (release = resolve));
    const { process } = setup({ listener: spans, sessions: 1, run: (batch) => busy.then(() => scoreAll(batch)) });
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

  it('are not made for a caller that records nothing, while the other jobs of its batch are', async () => {
    const { spans, ended } = startSpans();
    let release = (): void => undefined;
    const busy = new Promise<void>((resolve) => (release = resolve));
    const { listener, named } = withTraces(spans);
    const { process } = setup({
      listener,
      sessions: 1,
      run: (batch) => busy.then(() => scoreAll(batch)),
    });
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
    expect(new Set(named)).toEqual(new Set([undefined, traceOf('c')]));
  });

  it('end once each, whatever fails, and record what failed', async () => {
    const behaviour = fc.constantFrom(...behaviours);
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
          const { spans, ended, open } = startSpans();
          const { process, pipeline } = setup({
            listener: spans,
            encoder: async (one) => {
              if (one.documents[0] === '') throw new Error('broken');
              return encode(one);
            },
            ...scriptedSession(script),
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

  it('record a job that could not be answered', async () => {
    const { spans, ended, open } = startSpans();
    const { process } = setup({ listener: spans, settle: () => Promise.reject(new Error('gone')) });
    await expect(process(job('a', ['x']))).rejects.toThrow('gone');
    expect(called(ended, 'process tiny@1')).toMatchObject([
      { failed: true, attributes: { 'error.type': 'redis_away' } },
    ]);
    expect(open()).toEqual([]);
  });

  it('name the trace of what fails in the log, recorded or not', async () => {
    const broken = () => Promise.reject(new Error('broken'));
    for (const part of [{ encoder: broken }, { run: broken }]) {
      const spans = createJobSpans(noTracing, 'tiny@1');
      const { process, recorded } = setup({ ...part, listener: spans });
      await process(job('a', ['x'], traced('a')));
      expect(recorded.failed.map(spans.requestIds)).toEqual([{ requestId: 'a', traceId: traceOf('a') }]);
    }
  });

  it('hold no text of a job', async () => {
    const { spans, ended } = startSpans();
    const { process } = setup({ listener: spans });
    await process(job('a', ['secret document'], { query: 'secret question', instruction: 'secret order' }));
    expect(ended).not.toEqual([]);
    expect(JSON.stringify(ended)).not.toContain('secret');
  });
});
