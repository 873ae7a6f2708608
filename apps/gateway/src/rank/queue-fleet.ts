import { randomUUID } from 'node:crypto';
import {
  bundleKey,
  wireVersion,
  type BundleRef,
  type ErrorCode,
  type Failure,
  type RerankRequest,
} from '@rerank-fleet/contract';
import {
  openGatewayQueue,
  type ConnectionListener,
  type Cost,
  type GatewayQueue,
  type JobPart,
  type RedisServer,
  type RedisTrouble,
  type SubmitResult,
} from '@rerank-fleet/queue';
import type { Span, Tracing } from '@rerank-fleet/service-shell';
import type { Fleet, RankOptions, RankOutcome } from '../fleet';
import type { ModelAliases } from '../model-name';
import { chooseBundle } from './bundles';
import { backlogLimit, jobTokens, queueFull, tooManyTokens, type CapacityConfig } from './capacity';
import { estimate, split, type Part } from './estimate';
import { createFleetStateReader, modelViews } from './fleet-state';
import { emptyRanking, startGathering, type Gathered, type Gathering } from './gather';

export interface QueueFleetOptions extends ConnectionListener {
  redis: RedisServer;
  redisPrefix: string;
  capacity: CapacityConfig;
  modelAliases: ModelAliases;
  tracing: Tracing;
  onUnreadableOutcome(): void;
  onTrouble(trouble: RedisTrouble | undefined): void;
}

export interface QueueFleet extends Fleet {
  /** Answers all requests that still wait with 503, at the end of a drain; how many there were. */
  refuseWaiting(): number;
  close(): Promise<void>;
}

interface Waiting {
  gathering: Gathering;
  finish(outcome: RankOutcome): void;
}

const redisAway: Failure = {
  code: 'redis_away',
  retryAfterS: 2,
  message: 'The queue of this service does not answer at the moment.',
};

/** The fleet as seen over the queue: one gateway id, one reply stream, one map of waiting requests. */
export async function openQueueFleet(options: QueueFleetOptions): Promise<QueueFleet> {
  const waiting = new Map<string, Waiting>();
  const queue = await openGatewayQueue({
    ...options,
    prefix: options.redisPrefix,
    gatewayId: randomUUID(),
    onOutcome(outcome) {
      const request = waiting.get(outcome.requestId);
      const gathered = request?.gathering.add(outcome);
      if (request && gathered) request.finish(gathered);
    },
  });
  const { capacity, modelAliases, tracing } = options;
  const context: RankContext = { queue, waiting, capacity, modelAliases, tracing };
  return {
    rank: (request, rankOptions) => rank(context, request, rankOptions),
    models: () => modelViews(queue.fleet()),
    state: createFleetStateReader(queue, capacity),
    redisTrouble: () => queue.trouble(),
    refuseWaiting: () => refuseWaiting(waiting),
    close: () => queue.close(),
  };
}

const shuttingDown: Failure = {
  code: 'no_worker',
  retryAfterS: 1,
  message: 'This gateway is shutting down before the request was scored. Ask again.',
};

function refuseWaiting(waiting: Map<string, Waiting>): number {
  const open = [...waiting.values()];
  for (const request of open) request.finish(refused(shuttingDown));
  return open.length;
}

interface RankContext {
  queue: GatewayQueue;
  waiting: Map<string, Waiting>;
  capacity: CapacityConfig;
  modelAliases: ModelAliases;
  tracing: Tracing;
}

async function rank(context: RankContext, request: RerankRequest, options: RankOptions): Promise<RankOutcome> {
  const { queue, capacity } = context;
  if (!queue.isUp()) return refused(redisAway);
  const choice = await chooseOrRefresh(context, request.model);
  if (!choice.ok) return refused(queue.isUp() ? choice.failure : redisAway);
  const { bundle, workers } = choice;
  if (request.documents.length === 0) {
    return { ok: true, ranking: emptyRanking({ requestId: options.requestId, bundle, request }) };
  }
  const estimated = estimate(request, workers);
  const requestTokens = estimated.documents.reduce((total, document) => total + document.tokens, 0);
  const parts = split(estimated, jobTokens(capacity, workers, requestTokens));
  const cost = { tokens: sum(parts, 'tokens'), bytes: sum(parts, 'bytes') };
  const impossible = tooManyTokens(cost.tokens, workers, options.waitMs);
  if (impossible) return refused(impossible);

  const gathering = startGathering({ requestId: options.requestId, bundle, request, parts });
  const answer = waitForAnswer(context, gathering, options);
  const limit = backlogLimit(capacity, workers);
  const submitted = await submit(context, { request, options, bundle, parts, limit });
  if (!submitted.ok) {
    const failure =
      submitted.reason === 'redis_away' ? redisAway : queueFull({ inFlight: submitted.inFlight, cost, limit }, workers);
    context.waiting.get(options.requestId)?.finish(refused(failure));
  } else if (!context.waiting.has(options.requestId)) {
    // it ended while it was submitted: what was put on the queue meanwhile is cancelled now
    queue.cancel(options.requestId);
  }
  return answer;
}

interface Work {
  request: RerankRequest;
  options: RankOptions;
  bundle: BundleRef;
  parts: readonly Part[];
  limit: Cost;
}

/** Puts the jobs of a request on their queue, as one span that all of them continue. */
async function submit({ queue, tracing }: RankContext, work: Work): Promise<SubmitResult> {
  const { request, options, bundle, parts, limit } = work;
  const { requestId, waitMs } = options;
  const queueName = bundleKey(bundle);
  const span = tracing.startSpan(`send ${queueName}`, { kind: 'producer', parent: options.span });
  const jobs = parts.map((part, index) => jobPart(request, { requestId, span }, { part, index, count: parts.length }));
  const submitted = await queue.submit({ requestId, queue: queueName, parts: jobs, limit, waitMs });
  endSendSpan(span, queueName, { jobs: jobs.length, submitted });
  return submitted;
}

function endSendSpan(span: Span, queue: string, { jobs, submitted }: { jobs: number; submitted: SubmitResult }): void {
  if (span.isSampled) {
    span.setAttributes({
      'messaging.system': 'bullmq',
      'messaging.operation.type': 'send',
      'messaging.destination.name': queue,
      'messaging.batch.message_count': jobs,
    });
    if (!submitted.ok) span.fail(submitted.reason);
  }
  span.end();
}

/** A name that the last heartbeat did not show may be a worker's that started within this second. */
async function chooseOrRefresh({ queue, modelAliases }: RankContext, model: string | undefined) {
  const choice = chooseBundle(queue.fleet(), model, modelAliases);
  if (choice.ok) return choice;
  await queue.refresh();
  return chooseBundle(queue.fleet(), model, modelAliases);
}

/**
 * Settles once, by what comes first: the gathered answer, the end of the wait, or the caller's going away. In the last
 * two cases, and when a part failed while others are still queued, the workers are told to skip the rest.
 */
function waitForAnswer(
  { queue, waiting }: RankContext,
  gathering: Gathering,
  options: RankOptions,
): Promise<RankOutcome> {
  const { requestId, waitMs, signal } = options;
  return new Promise((resolve) => {
    const finish = (outcome: RankOutcome) => {
      if (!waiting.delete(requestId)) return;
      clearTimeout(timer);
      signal.removeEventListener('abort', gone);
      if (!outcome.ok) abandon(queue, requestId, outcome.failure.code);
      resolve(outcome);
    };
    const gone = () => finish(refused({ code: 'cancelled', message: 'The caller went away.' }));
    const timer = setTimeout(() => {
      finish(
        refused({
          code: 'deadline_exceeded',
          limit: waitMs,
          message: `There was no answer within the wait of ${waitMs} ms.`,
        }),
      );
    }, waitMs);
    waiting.set(requestId, { gathering, finish });
    signal.addEventListener('abort', gone, { once: true });
    if (signal.aborted) gone();
  });
}

/** What is left of a request on the queue when it ends without a ranking. */
function abandon(queue: GatewayQueue, requestId: string, code: ErrorCode): void {
  if (code === 'redis_away' || code === 'queue_full') return; // never on the queue, or undone by the submission itself
  if (code === 'deadline_exceeded') queue.expire(requestId);
  else queue.cancel(requestId);
}

function refused(failure: Failure): Extract<RankOutcome, { ok: false }> & Extract<Gathered, { ok: false }> {
  return { ok: false, failure };
}

function sum(parts: readonly Part[], what: 'tokens' | 'bytes'): number {
  return parts.reduce((total, part) => total + part.cost[what], 0);
}

interface Place {
  part: Part;
  index: number;
  count: number;
}

function jobPart(
  request: RerankRequest,
  { requestId, span: { traceparent } }: Pick<RankOptions, 'requestId' | 'span'>,
  { part, index, count }: Place,
): JobPart {
  return {
    v: wireVersion,
    requestId,
    part: index,
    parts: count,
    query: request.query,
    ...(request.instruction !== undefined && { instruction: request.instruction }),
    documents: request.documents.slice(part.first, part.first + part.count),
    firstDocument: part.first,
    ...(request.maxTokensPerDocument !== undefined && { maxTokensPerDocument: request.maxTokensPerDocument }),
    ...(request.truncationSide === 'left' && { truncationSide: request.truncationSide }),
    ...(request.returnTokens && { returnTokens: true }),
    priority: request.priority,
    ...(traceparent !== undefined && { traceparent }),
    cost: part.cost,
  };
}
