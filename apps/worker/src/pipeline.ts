import type { Batch, Batcher } from '@rerank-fleet/batching';
import { sigmoid, type Failure, type JobOutcome, type RerankJob } from '@rerank-fleet/contract';
import type { TakenJob } from '@rerank-fleet/queue';
import type { EncodedDocument, EncodedQuery } from '@rerank-fleet/scoring';
import { sampledTraceId, type Span } from '@rerank-fleet/service-shell';
import {
  dropFailures,
  encodeJob,
  type DropReason,
  type EncodeJobResult,
  type EncodeResult,
  type EncodeSlice,
} from './encode-job';
import { endEncodeSpan, endJobSpan, requestIds, type JobSpans, type RequestIds } from './job-spans';
import { createPendingJob, failureOutcome, type EncodedJob, type PendingJob } from './pending-job';
import type { SpeedMeter } from './speed';
import { ThreadCallError } from './thread-rpc';

/** A row that waits for a batch: one document of one job. */
export interface PendingRow {
  job: PendingJob;
  index: number;
  query: EncodedQuery;
  document: EncodedDocument;
}

export interface BatchRows {
  queries: EncodedQuery[];
  /** Each row names its query by position. */
  rows: { query: number; document: EncodedDocument }[];
}

/** One device's session in its own thread. */
export interface SessionRunner {
  /** Logits in the order of the rows; of a row for which the model gave no number one that is not finite. */
  run(batch: BatchRows): Promise<{ logits: Float64Array; durationMs: number }>;
}

/** What the pipeline tells the app, after the fact. A trace id is there only while the trace is recorded. */
export interface PipelineEvents {
  taken(job: { queueWaitMs: number; retried: boolean; traceId: string | undefined }): void;
  encoded(durationMs: number, traceId: string | undefined): void;
  batchRun(batch: BatchFigures, traceId: string | undefined): void;
  batchSplit(): void;
  dropped(reason: DropReason, documents: number): void;
  /** The model gave no number for these documents of one request, by their positions in it. */
  invalidScores(request: RequestIds, documents: readonly number[]): void;
  settled(outcome: JobOutcome, scores: number[]): void;
  /** A job failed before its first batch, most likely while it was encoded. */
  jobFailed(request: RequestIds, error: unknown): void;
  /** An inference failed that cannot be split any further, for one or more requests. */
  inferenceFailed(requests: RequestIds[], error: unknown): void;
}

/** One run of the model in figures. */
export interface BatchFigures {
  durationMs: number;
  documents: number;
  tokens: number;
  /** Longest row x rows. */
  paddedTokens: number;
}

export interface PipelineOptions {
  /** Encodes slices one after the other, in the order of the calls. */
  encode(slice: EncodeSlice): Promise<EncodeResult>;
  batcher: Batcher<PendingRow>;
  sessions: SessionRunner[];
  /** Rows of different queries may share a call. */
  mixesQueries: boolean;
  dropReason(job: RerankJob): DropReason | undefined;
  events: PipelineEvents;
  spans: JobSpans;
  speed: SpeedMeter;
  now(): number;
}

/** The one place where all the stages meet: encode, batch, run, settle. */
export interface Pipeline {
  /** Runs a taken job to its outcome; resolves when Redis has it. Never rejects because of what the job holds. */
  process(taken: TakenJob): Promise<void>;
  /** Estimated tokens of taken jobs that are not scored yet: what the next take is decided by. */
  heldTokens(): number;
  /** Resolves when fewer than `tokens` are held. */
  room(tokens: number): Promise<void>;
}

interface State extends PipelineOptions {
  idle: SessionRunner[];
  held: number;
  waiters: { tokens: number; resolve(): void }[];
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const state: State = { ...options, idle: [...options.sessions], held: 0, waiters: [] };
  return {
    process: (taken) => processJob(state, taken),
    heldTokens: () => state.held,
    room: (tokens) =>
      state.held < tokens ? Promise.resolve() : new Promise((resolve) => state.waiters.push({ tokens, resolve })),
  };
}

function hold(state: State, tokens: number): void {
  state.held += tokens;
  const free = state.waiters.filter((waiter) => state.held < waiter.tokens);
  state.waiters = state.waiters.filter((waiter) => state.held >= waiter.tokens);
  for (const waiter of free) waiter.resolve();
}

async function processJob(state: State, taken: TakenJob): Promise<void> {
  const { job } = taken;
  const span = state.spans.startJob(taken);
  // before the first await: the next take is decided by what is held
  hold(state, job.estimatedTokens);
  let outcome: JobOutcome;
  try {
    outcome = await runJob(state, taken, span);
  } catch (error) {
    state.events.jobFailed(requestIds(job, span), error);
    outcome = failureOutcome(job, { code: 'internal', message: 'The worker failed before the model ran.' });
  }
  let isSettled = false;
  try {
    await taken.settle(outcome);
    isSettled = true;
  } finally {
    endJobSpan(span, outcome, isSettled);
  }
  state.events.settled(outcome, outcome.ok ? outcome.logits.map(sigmoid) : []);
}

async function runJob(state: State, { job, queueWaitMs, retried }: TakenJob, span: Span): Promise<JobOutcome> {
  let estimated = job.estimatedTokens;
  try {
    state.events.taken({ queueWaitMs, retried, traceId: sampledTraceId(span) });
    const encoded = await encode(state, job, span);
    if ('dropped' in encoded) state.events.dropped(encoded.dropped, job.documents.length);
    else state.events.encoded(encoded.durationMs, sampledTraceId(span));
    if (!encoded.ok) return failureOutcome(job, encoded.failure);
    return await new Promise<JobOutcome>((resolve) => {
      const pending = createPendingJob({ job, span, queueWaitMs, encoded, settle: resolve });
      const rows = addRows(state, pending, encoded);
      // from here on the held tokens are those of the rows, and whoever takes a row out of the batcher frees them
      hold(state, rows - estimated);
      estimated = 0;
      dispatchOrRemove(state, pending);
    });
  } finally {
    hold(state, -estimated);
  }
}

async function encode(state: State, job: RerankJob, parent: Span): Promise<EncodeJobResult> {
  const span = state.spans.startEncode(parent);
  let result: EncodeJobResult | undefined;
  try {
    const onSlice = state.speed.sliceEncoded;
    result = await encodeJob(job, { encode: state.encode, dropReason: state.dropReason, onSlice });
    return result;
  } finally {
    endEncodeSpan(span, result);
  }
}

/**
 * All rows of a job, or none when it throws; their tokens. Rows are as old as their job: one that waited long on the
 * queue, or is taken again, goes before a newer one.
 */
function addRows(state: State, job: PendingJob, { query, documents }: EncodedJob): number {
  state.batcher.add(
    documents.map((document, index) => ({
      value: { job, index, query, document },
      tokens: document.rowTokens,
      group: state.mixesQueries ? '' : query.key,
      priority: job.job.priority,
      enqueuedAtMs: job.job.queuedAtMs,
    })),
  );
  return documents.reduce((sum, document) => sum + document.rowTokens, 0);
}

function dispatchOrRemove(state: State, job: PendingJob): void {
  try {
    dispatch(state);
  } catch (error) {
    removeRows(state, new Set([job]));
    throw error;
  }
}

/** Gives every idle session a batch while there are rows. */
function dispatch(state: State): void {
  while (state.idle.length > 0) {
    const batch = state.batcher.take();
    const session = batch && state.idle.pop();
    if (!batch || !session) return;
    workOn(state, session, batch).catch((error: unknown) => state.events.inferenceFailed([], error));
  }
}

/** Whatever throws: the rows of the batch are given back, their jobs are answered, and the session gets a next one. */
async function workOn(state: State, session: SessionRunner, batch: Batch<PendingRow>): Promise<void> {
  const rows = batch.items.map((item) => item.value);
  try {
    await runBatch(state, session, liveRows(state, rows));
  } catch (error) {
    failRows(state, rows, error);
  } finally {
    release(state, rows);
    state.idle.push(session);
    dispatch(state);
  }
}

/** Leaves out, and answers, what nobody waits for any more. */
function liveRows(state: State, rows: readonly PendingRow[]): PendingRow[] {
  for (const { job } of rows) {
    const reason = job.settled ? undefined : state.dropReason(job.job);
    if (!reason) continue;
    const inBatch = rows.filter((row) => row.job === job).length;
    state.events.dropped(reason, inBatch + removeRows(state, new Set([job])));
    job.fail(dropFailures[reason]);
  }
  return rows.filter((row) => !row.job.settled);
}

/** Takes the rows of these jobs out of the batcher; how many there were. */
function removeRows(state: State, jobs: ReadonlySet<PendingJob>): number {
  const removed = state.batcher.drop((row) => jobs.has(row.job));
  release(state, removed);
  return removed.length;
}

function release(state: State, rows: readonly PendingRow[]): void {
  hold(state, -rows.reduce((sum, row) => sum + row.document.rowTokens, 0));
}

async function runBatch(state: State, session: SessionRunner, rows: PendingRow[]): Promise<void> {
  if (rows.length === 0) return;
  const startedAt = state.now();
  for (const row of rows) row.job.started(startedAt);
  const batch = state.spans.startBatch(rows, startedAt);
  try {
    const { logits, durationMs } = await session.run(batchRows(rows));
    const now = state.now();
    const figures = batchFigures(rows, durationMs);
    batch.end(now, figures);
    // from the call to its answer, as whoever waits sees it: a busy machine delays both threads
    state.speed.batchRun(figures.tokens, now - startedAt);
    state.events.batchRun(figures, batch.traceId);
    settleRows(state, rows, { logits, now });
  } catch (error) {
    const kind = error instanceof ThreadCallError ? error.failure.kind : 'failed';
    batch.fail(state.now(), kind === 'failed' ? 'internal' : kind);
    if (rows.length > 1 && kind === 'out_of_memory') return splitBatch(state, session, rows);
    failRows(state, rows, error);
  }
}

/** Each row by its own logit: one that is not a number ends its job and says nothing about its batch mates. */
function settleRows(
  state: State,
  rows: readonly PendingRow[],
  { logits, now }: { logits: Float64Array; now: number },
): void {
  const invalid = new Map<PendingJob, number[]>();
  rows.forEach(({ job, index }, position) => {
    const logit = logits[position] ?? NaN;
    if (Number.isFinite(logit)) return job.scored(index, logit, now);
    const documents = invalid.get(job) ?? [];
    documents.push(job.job.firstDocument + index);
    invalid.set(job, documents);
  });
  for (const [job, documents] of invalid) {
    job.fail(invalidScore(Math.min(...documents)));
    removeRows(state, new Set([job]));
    state.events.invalidScores(requestIds(job.job, job.span), documents);
  }
}

function invalidScore(document: number): Failure {
  const message = `The model gave a score that is not a number for document ${document}.`;
  return { code: 'invalid_score', message, field: `documents[${document}]` };
}

/** Smaller calls may fit into the memory. */
async function splitBatch(state: State, session: SessionRunner, rows: PendingRow[]): Promise<void> {
  state.events.batchSplit();
  const middle = Math.ceil(rows.length / 2);
  await runBatch(state, session, rows.slice(0, middle));
  await runBatch(state, session, rows.slice(middle));
}

const modelFailed: Failure = { code: 'internal', message: 'The worker failed while it ran the model.' };

/** Ends the jobs of these rows; their rows that wait are not run. */
function failRows(state: State, rows: readonly PendingRow[], error: unknown): void {
  const jobs = new Set(rows.map((row) => row.job));
  for (const job of jobs) job.fail(modelFailed);
  removeRows(state, jobs);
  state.events.inferenceFailed(
    [...jobs].map((one) => requestIds(one.job, one.span)),
    error,
  );
}

function batchFigures(rows: readonly PendingRow[], durationMs: number): BatchFigures {
  const lengths = rows.map((row) => row.document.rowTokens);
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  return { durationMs, documents: rows.length, tokens, paddedTokens: Math.max(...lengths) * rows.length };
}

/** Rows of one query name it once: its ids cross to the thread a single time. */
function batchRows(rows: readonly PendingRow[]): BatchRows {
  const queries: EncodedQuery[] = [];
  const positions = new Map<string, number>();
  const named = rows.map(({ query, document }) => {
    let position = positions.get(query.key);
    if (position === undefined) {
      position = queries.push(query) - 1;
      positions.set(query.key, position);
    }
    return { query: position, document };
  });
  return { queries, rows: named };
}
