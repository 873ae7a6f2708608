import { createBatcher } from '@rerank-fleet/batching';
import type { JobOutcome, RerankJob } from '@rerank-fleet/contract';
import type { TakenJob } from '@rerank-fleet/queue';
import { createPresentBudget } from '../capacity/present-budget';
import { createSpeedMeter } from '../capacity/speed';
import type { BatchRows, BatchScores, SessionRunner } from '../rows/batch-rows';
import type { EncodeSlice } from '../rows/encoding';
import { ThreadCallError, type ThreadFailure } from '../threads/thread-rpc';
import type { PipelineEvents } from './events';
import type { PendingWork } from './pending-job';
import { createPreparedQueries } from './prepared-queries';
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

export const prepareIds: SessionRunner['prepare'] = async ({ query }) => ({
  prepared: { ids: query.ids },
  durationMs: 1,
});

interface Recorded {
  invalid: { requestId: string; documents: readonly number[] }[];
  splits: number;
  lookups: { lookup: string; bytes: number }[];
  /** Token budgets, from the first to the present one. */
  budgets: number[];
  dropped: { reason: string; documents: number }[];
  batches: number;
  settled: number;
  /** Jobs that failed, before or during the run of the model. */
  failed: RerankJob[];
}

interface Setup {
  run?: (batch: BatchRows) => Promise<BatchScores>;
  /** Prepares queries apart from their rows, within these limits. Default: rows of different queries share a batch. */
  keeps?: { queries: number; bytes: number };
  /** Prepares a query. Default: its ids are what is kept. */
  prepare?: SessionRunner['prepare'];
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
  ...(['add', 'take', 'drop', 'setTokenBudget'] as const).map((name) => `batcher.${name}`),
  ...(['taken', 'encodingStarted', 'encoded', 'queryPrepared', 'batchStarted', 'batchRun', 'batchFailed'] as const).map(
    (name) => `events.${name}`,
  ),
  ...(['batchSplit', 'dropped', 'invalidScores'] as const).map((name) => `events.${name}`),
  ...['budget.tokens', 'budget.fitted', 'budget.outOfMemory'],
  ...[
    'speed.batchRun',
    'speed.sliceEncoded',
    'session.run',
    'session.prepare',
    'options.encode',
    'options.dropReason',
    'options.now',
  ],
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
    queryPrepared: ignore,
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
  const { listener = {}, settle = async () => undefined, fault, keeps, prepare = prepareIds } = options;
  const recorded: Recorded = {
    invalid: [],
    splits: 0,
    lookups: [],
    budgets: [],
    dropped: [],
    batches: 0,
    settled: 0,
    failed: [],
  };
  const events = before(listener, recordingEvents(recorded));
  const runner: SessionRunner = withFault('session', { run, prepare }, fault);
  const own: PipelineOptions = {
    encode: encoder,
    batcher: withFault('batcher', createBatcher<PendingWork>({ tokenBudget: 60, maxRows: 8, now: () => 0 }), fault),
    budget: withFault(
      'budget',
      createPresentBudget(60, (tokens) => recorded.budgets.push(tokens)),
      fault,
    ),
    sessions: Array.from({ length: sessions }, () => runner),
    prepared:
      keeps &&
      createPreparedQueries({ limits: keeps, onLookup: (lookup, bytes) => recorded.lookups.push({ lookup, bytes }) }),
    dropReason: dropReason ?? (() => undefined),
    events: withFault('events', events, fault),
    speed: withFault('speed', createSpeedMeter({ sessions, encoders: 1, now: () => 0 }), fault),
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

/** The two ways of a pipeline: queries that sessions prepare with their rows, and queries that are prepared before. */
export const ways: [string, Pick<Setup, 'keeps'>][] = [
  ['queries share batches', {}],
  ['queries are prepared apart', { keeps: { queries: 8, bytes: 100_000 } }],
];

export const failure = (kind: ThreadFailure['kind']) => new ThreadCallError({ kind, message: kind });

/** What a session does in one run of a script. */
export const behaviours = ['ok', 'out_of_memory', 'invalid_score', 'failed'] as const;

/** A session that follows the script, call by call, and does all that it is asked for after its end. */
export function scriptedSession(script: (typeof behaviours)[number][]): Pick<Setup, 'run' | 'prepare'> {
  const next = async () => {
    const what = script.shift() ?? 'ok';
    await Promise.resolve();
    if (what === 'failed' || what === 'out_of_memory') throw failure(what);
    return what;
  };
  return {
    run: async (batch) => ((await next()) === 'invalid_score' ? scoreAllButOne(batch) : scoreAll(batch)),
    prepare: async (query) =>
      (await next()) === 'invalid_score' ? { prepared: undefined, durationMs: 1 } : prepareIds(query),
  };
}
