import { bundleKey, type BundleRef, type Failure, type RerankRequest } from '@rerank-fleet/contract';
import type { Cost, GatewayQueue, SubmitResult } from '@rerank-fleet/queue';
import type { Span, Tracing } from '@rerank-fleet/service-shell';
import type { ModelAliases } from '../dialects/model-name';
import { chooseBundle } from './bundles';
import { backlogLimit, jobTokens, queueFull, tooManyTokens, type CapacityConfig } from './capacity';
import { estimate, split, type Part } from './estimate';
import type { RankOptions, RankOutcome } from './fleet';
import { emptyRanking, startGathering } from './gather';
import { jobPart } from './job-part';
import type { WaitingRequests } from './waiting';

/** The dependencies of ranking. */
export interface RankContext {
  queue: GatewayQueue;
  waiting: WaitingRequests;
  capacity: CapacityConfig;
  modelAliases: ModelAliases;
  tracing: Tracing;
}

const redisAway: Failure = {
  code: 'redis_away',
  retryAfterS: 2,
  message: 'The queue of this service is not available at the moment.',
};

/** Ranks a request on the fleet: from the model's name to the answer. */
export async function rank(context: RankContext, request: RerankRequest, options: RankOptions): Promise<RankOutcome> {
  const { queue, waiting, capacity } = context;
  if (!queue.isUp()) return { ok: false, failure: redisAway };
  const choice = await chooseOrRefresh(context, request.model);
  if (!choice.ok) return { ok: false, failure: queue.isUp() ? choice.failure : redisAway };
  const { bundle, workers } = choice;
  if (request.documents.length === 0) {
    return { ok: true, ranking: emptyRanking({ requestId: options.requestId, bundle, request }) };
  }
  const estimated = estimate(request, workers);
  const requestTokens = estimated.documents.reduce((total, document) => total + document.tokens, 0);
  const parts = split(estimated, jobTokens(capacity, workers, { requestTokens, queryTokens: estimated.query.tokens }));
  const cost = { tokens: sum(parts, 'tokens'), bytes: sum(parts, 'bytes') };
  const impossible = tooManyTokens(cost.tokens, workers, options.waitMs);
  if (impossible) return { ok: false, failure: impossible };

  const gathering = startGathering({ requestId: options.requestId, bundle, request, parts });
  const answer = waiting.wait(gathering, options);
  const limit = backlogLimit(capacity, workers);
  const submitted = await submit(context, { request, options, bundle, parts, limit });
  if (!submitted.ok) {
    const failure =
      submitted.reason === 'redis_away' ? redisAway : queueFull({ inFlight: submitted.inFlight, cost, limit }, workers);
    waiting.refuse(options.requestId, failure);
  } else if (!waiting.isWaiting(options.requestId)) {
    // the request ended while it was submitted; cancel what is on the queue
    queue.cancel(options.requestId);
  }
  return answer;
}

/** Reads the registry again for an unknown name: its worker may have started since the last heartbeat. */
async function chooseOrRefresh({ queue, modelAliases }: RankContext, model: string | undefined) {
  const choice = chooseBundle(queue.fleet(), model, modelAliases);
  if (choice.ok) return choice;
  await queue.refresh();
  return chooseBundle(queue.fleet(), model, modelAliases);
}

interface Work {
  request: RerankRequest;
  options: RankOptions;
  bundle: BundleRef;
  parts: readonly Part[];
  limit: Cost;
}

/** Adds the jobs of a request to their queue, in one span that is the parent of the jobs' spans. */
async function submit({ queue, tracing }: RankContext, work: Work): Promise<SubmitResult> {
  const { request, options, bundle, parts, limit } = work;
  const { requestId, waitMs } = options;
  const queueName = bundleKey(bundle);
  const span = tracing.startSpan(`send ${queueName}`, { kind: 'producer', parent: options.span });
  const jobs = parts.map((part, index) =>
    jobPart(request, { requestId, traceparent: span.traceparent }, { part, index, count: parts.length }),
  );
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

function sum(parts: readonly Part[], what: 'tokens' | 'bytes'): number {
  return parts.reduce((total, part) => total + part.cost[what], 0);
}
