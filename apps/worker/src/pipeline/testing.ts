import { createBatcher } from '@rerank-fleet/batching';
import type { JobOutcome, RerankJob } from '@rerank-fleet/contract';
import type { TakenJob } from '@rerank-fleet/queue';
import { createSpeedMeter } from '../capacity/speed';
import type { BatchRows, BatchScores, SessionRunner } from '../rows/batch-rows';
import type { EncodeSlice } from '../rows/encoding';
import { ThreadCallError, type ThreadFailure } from '../threads/thread-rpc';
import type { PipelineEvents } from './events';
import type { PendingRow } from './pending-job';
import { createPipeline, type PipelineOptions } from './pipeline';

export const job = (id: string, documents: string[], overrides: Partial<RerankJob> = {}): RerankJob => ({
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

/** Encodes a text as its character codes, so that a logit identifies its text. */
export const encode = async ({ query, documents }: EncodeSlice | Pick<RerankJob, 'query' | 'documents'>) => ({
  ok: true as const,
  query: typeof query === 'string' ? encodeQuery(query) : 'ids' in query ? query : encodeQuery(query.query),
  documents: documents.map((text) => ({
    ids: Int32Array.from(text, (c) => c.charCodeAt(0)),
    rowTokens: text.length + 1,
    keptTokens: text.length,
  })),
  durationMs: 1,
});

export const logitOf = (query: Int32Array, document: Int32Array) =>
  query.reduce((sum, id) => sum + id, 0) + document.reduce((sum, id, i) => sum + id * (i + 1), 0);

export const scoreAll = ({ queries, rows }: BatchRows) => ({
  logits: Float64Array.from(rows, (row) => logitOf(queries[row.query]!.ids, row.document.ids)),
  durationMs: 1,
});

/** Scores all rows but the first, for which it returns NaN. */
export const scoreAllButOne = (batch: BatchRows) => {
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
  /** Jobs that failed, before or during the run of the model. */
  failed: RerankJob[];
}

interface Setup {
  run?: (batch: BatchRows) => Promise<BatchScores>;
  sessions?: number;
  dropReason?: (job: RerankJob) => 'cancelled' | 'expired' | undefined;
  encoder?: PipelineOptions['encode'];
  /** Called with each event before it is recorded. */
  listener?: Partial<PipelineEvents>;
  settle?: () => Promise<void>;
  /** Throws once, at the given call of one of the pipeline's functions. */
  fault?: Fault;
}

/** All functions that the pipeline calls while it holds a job, except the report of an error itself. */
export const faultPoints = [
  ...(['add', 'take', 'drop'] as const).map((name) => `batcher.${name}`),
  ...(['taken', 'encodingStarted', 'encoded', 'batchStarted', 'batchRun', 'batchFailed'] as const).map(
    (name) => `events.${name}`,
  ),
  ...(['batchSplit', 'dropped', 'invalidScores'] as const).map((name) => `events.${name}`),
  ...['speed.batchRun', 'speed.sliceEncoded', 'session.run', 'options.encode', 'options.dropReason', 'options.now'],
];

interface Fault {
  point: string;
  /** 1 is the first call. */
  call: number;
}

/** Calls the functions of `first`, if it has them, and then those of `second`. */
function before(first: Partial<PipelineEvents>, second: PipelineEvents): PipelineEvents {
  return new Proxy(second, {
    get(target, key: keyof PipelineEvents) {
      return (...parameters: never[]): unknown => {
        Reflect.apply((first[key] as (() => void) | undefined) ?? (() => undefined), first, parameters);
        return Reflect.apply(target[key], target, parameters);
      };
    },
  });
}

/** A copy of an object in which one function throws at one of its calls. */
function withFault<T extends object>(name: string, target: T, fault: Fault | undefined): T {
  let calls = 0;
  return new Proxy(target, {
    get(object, key, receiver) {
      const value: unknown = Reflect.get(object, key, receiver);
      if (typeof value !== 'function' || fault?.point !== `${name}.${String(key)}`) return value;
      return (...parameters: unknown[]): unknown => {
        if (++calls === fault.call) throw new Error('injected fault');
        return Reflect.apply(value, object, parameters);
      };
    },
  });
}

function recordingEvents(recorded: Recorded): PipelineEvents {
  const ignore = () => undefined;
  return {
    taken: ignore,
    encodingStarted: ignore,
    encoded: ignore,
    batchStarted: ignore,
    batchFailed: ignore,
    batchRun: () => recorded.batches++,
    batchSplit: () => recorded.splits++,
    dropped: (reason, documents) => recorded.dropped.push({ reason, documents }),
    invalidScores: ({ requestId }, documents) => recorded.invalid.push({ requestId, documents }),
    ended: (_job, _outcome, isSettled) => (recorded.settled += Number(isSettled)),
    jobFailed: (one) => recorded.failed.push(one),
    inferenceFailed: (jobs) => recorded.failed.push(...jobs),
  };
}

export function setup(options: Setup = {}) {
  const { run = async (batch) => scoreAll(batch), sessions = 2, dropReason, encoder = encode } = options;
  const { listener = {}, settle = async () => undefined, fault } = options;
  const recorded: Recorded = {
    invalid: [],
    splits: 0,
    dropped: [],
    batches: 0,
    settled: 0,
    failed: [],
  };
  const events = before(listener, recordingEvents(recorded));
  const runner: SessionRunner = withFault('session', { run }, fault);
  const own: PipelineOptions = {
    encode: encoder,
    batcher: withFault('batcher', createBatcher<PendingRow>({ tokenBudget: 60, maxRows: 8, now: () => 0 }), fault),
    sessions: Array.from({ length: sessions }, () => runner),
    mixesQueries: true,
    dropReason: dropReason ?? (() => undefined),
    events: withFault('events', events, fault),
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

export const failure = (kind: ThreadFailure['kind']) => new ThreadCallError({ kind, message: kind });

/** What a session does in one run of a script. */
export const behaviours = ['ok', 'out_of_memory', 'invalid_score', 'failed'] as const;

/** A session that follows the script, run by run, and scores all rows after its end. */
export function scriptedRun(script: (typeof behaviours)[number][]): (batch: BatchRows) => Promise<BatchScores> {
  return async (batch) => {
    const what = script.shift() ?? 'ok';
    await Promise.resolve();
    if (what === 'invalid_score') return scoreAllButOne(batch);
    if (what !== 'ok') throw failure(what);
    return scoreAll(batch);
  };
}
