import { jobOutcomeLabel, type JobOutcome, type RerankJob } from '@rerank-fleet/contract';
import type { TakenJob } from '@rerank-fleet/queue';
import type { Span, Tracing } from '@rerank-fleet/service-shell';
import type { EncodeJobResult, EncodeResult } from './encode-job';
import type { PendingJob } from './pending-job';
import type { BatchFigures, PendingRow } from './pipeline';

/** What a log line names a request by. */
export interface RequestIds {
  requestId: string;
  traceId: string | undefined;
}

export function requestIds({ requestId }: RerankJob, { traceId }: Span): RequestIds {
  return { requestId, traceId };
}

/** The spans of a worker: a job's whole time in it, its encoding, and the batches that its documents run in. */
export interface JobSpans {
  startJob(taken: TakenJob): Span;
  startEncode(job: Span): Span;
  startBatch(rows: readonly PendingRow[], startedAtMs: number): BatchSpan;
}

/** One run of the model for the documents of one or more jobs. Ends once: by what comes first. */
export interface BatchSpan {
  /** Undefined when no job of the batch is recorded. */
  readonly traceId: string | undefined;
  end(endedAtMs: number, figures: BatchFigures): void;
  fail(endedAtMs: number, errorType: string): void;
}

/** @param queue `<name>@<version>` */
export function createJobSpans(tracing: Tracing, queue: string): JobSpans {
  return {
    startJob: (taken) => startJob(tracing, queue, taken),
    startEncode: (parent) => tracing.startSpan('encode', { parent }),
    startBatch(rows, startedAtMs) {
      return rows.some((row) => row.job.span.isSampled) ? startBatch(tracing, rows, startedAtMs) : unrecordedBatch;
    },
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

/** Ends a job's span. What a caller asked for wrongly, or does not wait for any more, is no failure of the worker. */
export function endJobSpan(span: Span, outcome: JobOutcome, isSettled: boolean): void {
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

/** Ends an encoding; without a result it failed. */
export function endEncodeSpan(span: Span, result: EncodeJobResult | undefined): void {
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

const unrecordedBatch: BatchSpan = { traceId: undefined, end: () => undefined, fail: () => undefined };

/**
 * A span has one parent, a batch may serve many jobs: it is the child of the first recorded one, with links to the
 * others, and each of those gets a span of the same times that links back.
 */
function startBatch(tracing: Tracing, rows: readonly PendingRow[], startedAtMs: number): BatchSpan {
  const jobs = [...new Set(rows.map((row) => row.job))];
  const [first, ...others] = jobs.filter((job) => job.span.isSampled);
  const links = others.map((job) => job.span);
  const batch = tracing.startSpan('batch', { parent: first?.span, links, startedAtMs });
  const endAll = (endedAtMs: number, errorType?: string) => {
    for (const job of others) {
      const span = tracing.startSpan('inference', { parent: job.span, links: [batch], startedAtMs });
      span.setAttributes({ 'rerank.document_count': rowsOf(rows, job) });
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

function rowsOf(rows: readonly PendingRow[], job: PendingJob): number {
  return rows.filter((row) => row.job === job).length;
}
