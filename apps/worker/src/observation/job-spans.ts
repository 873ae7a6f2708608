import { jobOutcomeLabel, type JobOutcome, type RerankJob } from '@rerank-fleet/contract';
import type { TakenJob } from '@rerank-fleet/queue';
import { noSpan, sampledTraceId, type Span, type Tracing } from '@rerank-fleet/service-shell';
import type { EncodeJobResult } from '../pipeline/encode-job';
import type { BatchFigures, BatchRun, PipelineEvents } from '../pipeline/events';
import type { EncodeResult } from '../rows/encoding';

/** The fields of a log line that identify a request. */
interface RequestIds {
  requestId: string;
  traceId: string | undefined;
}

type SpanEvents = 'taken' | 'encodingStarted' | 'encoded' | 'batchStarted' | 'batchRun' | 'batchFailed' | 'ended';

/**
 * The spans of a worker, created from the pipeline's events: each job, its encoding, and the batches that contain its
 * documents.
 */
export interface JobSpans extends Pick<PipelineEvents, SpanEvents> {
  requestIds(job: RerankJob): RequestIds;
  /** The trace id of a job; undefined if its trace is not recorded. */
  jobTraceId(job: RerankJob): string | undefined;
  /** The trace id of a run of the model; undefined if no job of the run is recorded. */
  batchTraceId(run: BatchRun): string | undefined;
}

/** @param queue `<name>@<version>` */
export function createJobSpans(tracing: Tracing, queue: string): JobSpans {
  const jobs = new WeakMap<RerankJob, Span>();
  const encodings = new WeakMap<RerankJob, Span>();
  const batches = new WeakMap<BatchRun, BatchSpan>();
  const spanOf = (job: RerankJob) => jobs.get(job) ?? noSpan;
  return {
    taken: (taken) => jobs.set(taken.job, startJob(tracing, queue, taken)),
    encodingStarted: (job) => encodings.set(job, tracing.startSpan('encode', { parent: spanOf(job) })),
    encoded: (job, result) => endEncodeSpan(encodings.get(job) ?? noSpan, result),
    batchStarted(run) {
      if (run.rows.some(({ job }) => spanOf(job.job).isSampled)) batches.set(run, startBatch(tracing, run, spanOf));
    },
    batchRun: (run, { endedAtMs, figures }) => batches.get(run)?.end(endedAtMs, figures),
    batchFailed: (run, { endedAtMs, errorType }) => batches.get(run)?.fail(endedAtMs, errorType),
    ended: (job, outcome, isSettled) => endJobSpan(spanOf(job), outcome, isSettled),
    requestIds: (job) => ({ requestId: job.requestId, traceId: spanOf(job).traceId }),
    jobTraceId: (job) => sampledTraceId(spanOf(job)),
    batchTraceId: (run) => batches.get(run)?.traceId,
  };
}

function startJob(tracing: Tracing, queue: string, { job, queueWaitMs, retried }: TakenJob): Span {
  const span = tracing.startSpan(`process ${queue}`, { kind: 'consumer', parent: job.traceparent });
  if (span.isSampled) {
    span.setAttributes({
      'messaging.system': 'bullmq',
      'messaging.operation.type': 'process',
      'messaging.destination.name': queue,
      'rerank.request_id': job.requestId,
      'rerank.part': job.part,
      'rerank.part_count': job.parts,
      'rerank.document_count': job.documents.length,
      'rerank.queue_wait_ms': queueWaitMs,
      'rerank.retried': retried,
    });
  }
  return span;
}

/** Ends a job's span. An invalid request or a cancelled one is not a failure of the worker. */
function endJobSpan(span: Span, outcome: JobOutcome, isSettled: boolean): void {
  if (span.isSampled) {
    span.setAttributes({
      'rerank.outcome': jobOutcomeLabel(outcome),
      ...(outcome.ok
        ? { 'rerank.token_count': outcome.tokens.query + outcome.tokens.documents }
        : { 'error.type': outcome.failure.code }),
    });
    if (!outcome.ok && jobOutcomeLabel(outcome) === 'failed') span.fail(outcome.failure.code);
    if (!isSettled) span.fail('redis_away');
  }
  span.end();
}

/** Ends the span of an encoding. Without a result, the encoding failed. */
function endEncodeSpan(span: Span, result: EncodeJobResult | undefined): void {
  if (span.isSampled) {
    if (result === undefined) span.fail('internal');
    else if (!result.ok) span.setAttributes({ 'error.type': result.failure.code });
    else span.setAttributes({ 'rerank.token_count': tokensOf(result) });
  }
  span.end();
}

function tokensOf({ query, documents }: Extract<EncodeResult, { ok: true }>): number {
  return documents.reduce((sum, document) => sum + document.keptTokens, query.tokens);
}

/** The span of one run of the model. Only the first call that ends it counts. */
interface BatchSpan {
  readonly traceId: string | undefined;
  end(endedAtMs: number, figures: BatchFigures): void;
  fail(endedAtMs: number, errorType: string): void;
}

/**
 * A span has one parent, but a batch may serve several jobs. The batch's span is a child of the first recorded job,
 * with links to the others. Each of the others gets a span of the same times that links back.
 */
function startBatch(tracing: Tracing, { rows, startedAtMs }: BatchRun, spanOf: (job: RerankJob) => Span): BatchSpan {
  const jobs = [...new Set(rows.map((row) => row.job.job))];
  const [first, ...others] = jobs.filter((job) => spanOf(job).isSampled);
  const links = others.map(spanOf);
  const batch = tracing.startSpan('batch', { parent: first && spanOf(first), links, startedAtMs });
  const endAll = (endedAtMs: number, errorType?: string) => {
    for (const job of others) {
      const span = tracing.startSpan('inference', { parent: spanOf(job), links: [batch], startedAtMs });
      span.setAttributes({ 'rerank.document_count': rows.filter((row) => row.job.job === job).length });
      if (errorType !== undefined) span.fail(errorType);
      span.end(endedAtMs);
    }
    batch.setAttributes({ 'rerank.job_count': jobs.length, 'rerank.document_count': rows.length });
    if (errorType !== undefined) batch.fail(errorType);
    batch.end(endedAtMs);
  };
  let isOpen = true;
  return {
    traceId: batch.traceId,
    end(endedAtMs, { tokens, paddedTokens }) {
      if (!isOpen) return;
      isOpen = false;
      batch.setAttributes({ 'rerank.token_count': tokens, 'rerank.padded_token_count': paddedTokens });
      endAll(endedAtMs);
    },
    fail(endedAtMs, errorType) {
      if (!isOpen) return;
      isOpen = false;
      endAll(endedAtMs, errorType);
    },
  };
}
