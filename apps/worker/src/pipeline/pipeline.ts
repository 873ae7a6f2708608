import type { Batch, Batcher } from '@rerank-fleet/batching';
import type { Failure, JobOutcome, RerankJob } from '@rerank-fleet/contract';
import type { TakenJob } from '@rerank-fleet/queue';
import type { EncodedQuery } from '@rerank-fleet/scoring';
import type { PresentBudget } from '../capacity/present-budget';
import type { SpeedMeter } from '../capacity/speed';
import type { BatchQuery, BatchRows, QueryToPrepare, SessionRunner } from '../rows/batch-rows';
import type { EncodedJob, EncodeResult, EncodeSlice } from '../rows/encoding';
import { isOutOfMemory, ThreadCallError } from '../threads/thread-rpc';
import { dropFailures, encodeJob, type DropReason, type EncodeJobResult } from './encode-job';
import type { BatchFigures, BatchRun, PipelineEvents } from './events';
import {
  createPendingJob,
  failureOutcome,
  type PendingJob,
  type PendingJobOptions,
  type PendingQuery,
  type PendingRow,
  type PendingWork,
} from './pending-job';
import type { PreparedQueries } from './prepared-queries';

export interface PipelineOptions {
  /** Encodes a slice. Slices of different jobs may be encoded at the same time. */
  encode(slice: EncodeSlice): Promise<EncodeResult>;
  batcher: Batcher<PendingWork>;
  /** The budget of the batcher. It follows the calls that fit into memory, and those that do not. */
  budget: PresentBudget;
  sessions: SessionRunner[];
  /** Queries that are prepared before their rows are batched. Undefined if rows of different queries share a batch. */
  prepared: PreparedQueries<PendingJob> | undefined;
  dropReason(job: RerankJob): DropReason | undefined;
  events: PipelineEvents;
  speed: SpeedMeter;
  now(): number;
}

/** Connects the stages: encode, batch, run, settle. */
export interface Pipeline {
  /**
   * Processes a taken job and settles it. Resolves when Redis has the outcome. Never rejects because of the job's
   * content.
   */
  process(taken: TakenJob): Promise<void>;
  /** Estimated tokens of taken jobs that are not scored yet. The next take depends on them. */
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
  // before the first await, because the next take depends on the held tokens
  hold(state, job.estimatedTokens);
  let outcome: JobOutcome;
  try {
    outcome = await runJob(state, taken);
  } catch (error) {
    state.events.jobFailed(job, error);
    outcome = failureOutcome(job, { code: 'internal', message: 'The worker failed before the model ran.' });
  }
  let isSettled = false;
  try {
    await taken.settle(outcome);
    isSettled = true;
  } finally {
    state.events.ended(job, outcome, isSettled);
  }
}

async function runJob(state: State, taken: TakenJob): Promise<JobOutcome> {
  const { job, queueWaitMs } = taken;
  let estimated = job.estimatedTokens;
  try {
    state.events.taken(taken);
    const encoded = await encode(state, job);
    if ('dropped' in encoded) state.events.dropped(encoded.dropped, job.documents.length);
    if (!encoded.ok) return failureOutcome(job, encoded.failure);
    const { pending, outcome } = openJob({ job, queueWaitMs, encoded });
    await prepareQuery(state, pending, encoded.query);
    if (!pending.settled) {
      const rows = addRows(state, pending, encoded);
      // from here on the rows count as held, and each removal from the batcher releases their tokens
      hold(state, rows - estimated);
      estimated = 0;
      dispatchOrRemove(state, pending);
    }
    return await outcome;
  } finally {
    hold(state, -estimated);
  }
}

function openJob(options: Omit<PendingJobOptions, 'settle'>): { pending: PendingJob; outcome: Promise<JobOutcome> } {
  let settle: (outcome: JobOutcome) => void = () => undefined;
  const outcome = new Promise<JobOutcome>((resolve) => (settle = resolve));
  return { pending: createPendingJob({ ...options, settle }), outcome };
}

/** Waits until a session has prepared the job's query, if this is a work of its own. On a failure the job is settled. */
async function prepareQuery(state: State, job: PendingJob, query: EncodedQuery): Promise<void> {
  await state.prepared?.prepare(query, job, (toPrepare, jobs) => {
    return new Promise((done) => {
      state.batcher.add([
        {
          value: { toPrepare, jobs, done },
          tokens: query.ids.length,
          group: `query ${query.key}`,
          priority: job.job.priority,
          enqueuedAtMs: job.job.queuedAtMs,
        },
      ]);
      dispatch(state);
    });
  });
}

const tokensToPrepare = ({ query, start }: QueryToPrepare): number => query.ids.length - (start?.tokens ?? 0);

async function encode(state: State, job: RerankJob): Promise<EncodeJobResult> {
  state.events.encodingStarted(job);
  let result: EncodeJobResult | undefined;
  try {
    const onSlice = state.speed.sliceEncoded;
    result = await encodeJob(job, { encode: state.encode, dropReason: state.dropReason, onSlice });
    return result;
  } finally {
    state.events.encoded(job, result);
  }
}

/**
 * Adds all rows of a job, or throws and adds none. Returns their tokens. Rows have the age of their job: a job that
 * waited long on the queue, or is taken again, comes before a newer one.
 */
function addRows(state: State, job: PendingJob, { query, documents }: EncodedJob): number {
  state.batcher.add(
    documents.map((document, index) => ({
      value: { job, index, query, document },
      tokens: document.rowTokens,
      group: state.prepared === undefined ? '' : query.key,
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

/** Starts a batch on every idle session while there are rows. */
function dispatch(state: State): void {
  while (state.idle.length > 0) {
    state.batcher.setTokenBudget(state.budget.tokens());
    const batch = state.batcher.take();
    const session = batch && state.idle.pop();
    if (!batch || !session) return;
    workOn(state, session, batch).catch((error: unknown) => state.events.inferenceFailed([], error));
  }
}

/** Runs a batch. On any error its jobs are answered. In all cases its rows are released and the session continues. */
async function workOn(state: State, session: SessionRunner, batch: Batch<PendingWork>): Promise<void> {
  const work = batch.items.map((item) => item.value);
  const rows = work.filter((one) => 'job' in one);
  try {
    // a query has a group of its own, so it is never beside rows
    for (const one of work) if ('toPrepare' in one) await runPreparation(state, session, one);
    await runBatch(state, session, liveRows(state, rows));
  } catch (error) {
    failRows(state, rows, error);
  } finally {
    release(state, rows);
    state.idle.push(session);
    dispatch(state);
  }
}

/** Prepares a query, unless no job waits for it any more. The query's jobs fail if the model does. */
async function runPreparation(state: State, session: SessionRunner, { toPrepare, jobs, done }: PendingQuery) {
  try {
    const waiting = [...jobs].filter((job) => !job.settled && state.dropReason(job.job) === undefined);
    if (waiting.length === 0) return;
    const startedAtMs = state.now();
    for (const job of waiting) job.started(startedAtMs);
    const query = toPrepare();
    const { prepared } = await session.prepare(query);
    state.speed.batchRun(tokensToPrepare(query), state.now() - startedAtMs);
    state.events.queryPrepared();
    done(prepared);
  } catch (error) {
    // without the memory to prepare it beforehand, each batch prepares it for itself, and is split if need be
    if (isOutOfMemory(error)) return;
    for (const job of jobs) job.fail(modelFailed);
    state.events.inferenceFailed(
      [...jobs].map(({ job }) => job),
      error,
    );
  } finally {
    done(undefined);
  }
}

/** Removes rows of cancelled or expired jobs, and answers these jobs. */
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

/** Removes the rows of these jobs from the batcher. Returns their number. */
function removeRows(state: State, jobs: ReadonlySet<PendingJob>): number {
  const removed = state.batcher.drop((one) => 'job' in one && jobs.has(one.job)).filter((one) => 'job' in one);
  release(state, removed);
  return removed.length;
}

function release(state: State, rows: readonly PendingRow[]): void {
  hold(state, -rows.reduce((sum, row) => sum + row.document.rowTokens, 0));
}

async function runBatch(state: State, session: SessionRunner, rows: PendingRow[]): Promise<void> {
  if (rows.length === 0) return;
  const run: BatchRun = { rows, startedAtMs: state.now() };
  for (const row of rows) row.job.started(run.startedAtMs);
  state.events.batchStarted(run);
  try {
    const { logits, durationMs } = await session.run(batchRows(rows, state.prepared));
    const now = state.now();
    const figures = batchFigures(rows, durationMs);
    // measured from the call to its answer, as the caller sees it: a busy machine delays both threads
    state.speed.batchRun(figures.tokens, now - run.startedAtMs);
    state.budget.fitted(figures.paddedTokens);
    state.events.batchRun(run, { endedAtMs: now, figures });
    settleRows(state, rows, { logits, now });
  } catch (error) {
    const kind = error instanceof ThreadCallError ? error.failure.kind : 'failed';
    state.events.batchFailed(run, { endedAtMs: state.now(), errorType: kind === 'failed' ? 'internal' : kind });
    if (rows.length > 1 && kind === 'out_of_memory') return splitBatch(state, session, rows);
    failRows(state, rows, error);
  }
}

/** Assigns each row its logit. One that is not a number fails only its own job. */
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
    state.events.invalidScores(job.job, documents);
  }
}

function invalidScore(document: number): Failure {
  const message = `The model returned a score that is not a number for document ${document}.`;
  return { code: 'invalid_score', message, field: `documents[${document}]` };
}

/** Retries in two halves, which may fit into memory. The batches to come are smaller too. */
async function splitBatch(state: State, session: SessionRunner, rows: PendingRow[]): Promise<void> {
  state.events.batchSplit();
  state.budget.outOfMemory(batchFigures(rows, 0).paddedTokens);
  const middle = Math.ceil(rows.length / 2);
  await runBatch(state, session, rows.slice(0, middle));
  await runBatch(state, session, rows.slice(middle));
}

const modelFailed: Failure = { code: 'internal', message: 'The worker failed while it ran the model.' };

/** Fails the jobs of these rows. Their waiting rows are not run. */
function failRows(state: State, rows: readonly PendingRow[], error: unknown): void {
  const jobs = new Set(rows.map((row) => row.job));
  for (const job of jobs) job.fail(modelFailed);
  removeRows(state, jobs);
  state.events.inferenceFailed(
    [...jobs].map(({ job }) => job),
    error,
  );
}

function batchFigures(rows: readonly PendingRow[], durationMs: number): BatchFigures {
  const lengths = rows.map((row) => row.document.rowTokens);
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  return { durationMs, documents: rows.length, tokens, paddedTokens: Math.max(...lengths) * rows.length };
}

/** Rows of one query share one entry, so that its ids are sent to the thread only once. */
function batchRows(rows: readonly PendingRow[], kept: PreparedQueries<PendingJob> | undefined): BatchRows {
  const queries: BatchQuery[] = [];
  const positions = new Map<string, number>();
  const named = rows.map(({ query, document }) => {
    let position = positions.get(query.key);
    if (position === undefined) {
      position = queries.push({ ...query, prepared: kept?.known(query.key) }) - 1;
      positions.set(query.key, position);
    }
    return { query: position, document };
  });
  return { queries, rows: named };
}
