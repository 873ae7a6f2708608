import type { Failure, WorkerAnnouncement } from '@rerank-fleet/contract';
import { mean } from './estimate';

/** How much work a fleet admits. */
export interface CapacityConfig {
  /** The admitted backlog, as time at the fleet's measured speed, with a minimum in tokens. */
  backlogMs: number;
  backlogTokensMin: number;
  /** Limit of job data in Redis over all bundles. Must be far below Redis' own limit, where workers fail too. */
  backlogBytes: number;
  /** The size of a job: about this long on one worker. */
  jobMs: number;
  /** The most jobs per request. Larger requests get larger jobs, because each job has a fixed cost. */
  jobsMax: number;
}

export const defaultCapacity: CapacityConfig = {
  backlogMs: 30_000,
  backlogTokensMin: 65_536,
  backlogBytes: 256_000_000,
  jobMs: 500,
  jobsMax: 64,
};

/** Tokens per second that the live workers of a bundle score together; undefined until one has measured its speed. */
export function fleetTokensPerSecond(workers: readonly WorkerAnnouncement[]): number | undefined {
  const speed = mean(workers.map((worker) => worker.tokensPerSecond));
  return speed === undefined ? undefined : speed * workers.length;
}

export function backlogLimit(config: CapacityConfig, workers: readonly WorkerAnnouncement[]) {
  const measured = ((fleetTokensPerSecond(workers) ?? 0) * config.backlogMs) / 1000;
  return { tokens: Math.max(config.backlogTokensMin, Math.round(measured)), bytes: config.backlogBytes };
}

/** A worker that gets a job with a new query computes the query first: at most an eighth of the job's work. */
const documentTokensPerQueryToken = 8;

/**
 * Tokens of one job: about `jobMs` of one worker's time, at least one batch, and at most `jobsMax` jobs per request.
 * Where workers compute a query once for all its documents, documents stay together so far that this pays.
 */
export function jobTokens(
  config: CapacityConfig,
  workers: readonly WorkerAnnouncement[],
  { requestTokens, queryTokens }: { requestTokens: number; queryTokens: number },
): number {
  const speed = mean(workers.map((worker) => worker.tokensPerSecond)) ?? 0;
  const batch = Math.max(...workers.map((worker) => worker.batchTokens));
  const shared = workers.some((worker) => worker.repeatsQuery) ? 0 : documentTokensPerQueryToken * queryTokens;
  return Math.max(batch, (speed * config.jobMs) / 1000, requestTokens / config.jobsMax, shared);
}

/** Refuses a request that even the idle fleet cannot score within its wait. A retry would fail again. */
export function tooManyTokens(
  tokens: number,
  workers: readonly WorkerAnnouncement[],
  waitMs: number,
): Failure | undefined {
  const speed = fleetTokensPerSecond(workers);
  if (speed === undefined) return undefined;
  const most = Math.floor((speed * waitMs) / 1000);
  if (tokens <= most) return undefined;
  return {
    code: 'too_many_tokens',
    field: 'documents',
    limit: most,
    message: `About ${tokens} tokens are more than the whole fleet can score within this request's wait of ${waitMs} ms (${most}). Send fewer documents per request, or set a longer wait (x-request-timeout-ms).`,
  };
}

const retryAfterMaxS = 60;

export interface Overload {
  inFlight: { tokens: number; bytes: number };
  cost: { tokens: number; bytes: number };
  limit: { tokens: number; bytes: number };
}

/** 429 with the time until enough of the backlog is done, in whole seconds, from the numbers of the refusal. */
export function queueFull({ inFlight, cost, limit }: Overload, workers: readonly WorkerAnnouncement[]): Failure {
  const speed = fleetTokensPerSecond(workers);
  const surplus = Math.max(inFlight.tokens + cost.tokens - limit.tokens, 0);
  // if bytes are the bottleneck, the backlog's tokens drain in the same proportion
  const byteShare = Math.max(0, inFlight.bytes + cost.bytes - limit.bytes) / Math.max(1, inFlight.bytes);
  const tokens = Math.max(surplus, byteShare * inFlight.tokens);
  const seconds = speed === undefined ? 5 : Math.ceil(tokens / speed);
  const bytesFull = inFlight.bytes + cost.bytes > limit.bytes;
  const what = bytesFull
    ? `${inFlight.bytes} bytes are in flight and ${cost.bytes} more exceed the limit of ${limit.bytes}`
    : `about ${inFlight.tokens} tokens are in flight and ${cost.tokens} more exceed the limit of ${limit.tokens}`;
  return {
    code: 'queue_full',
    limit: bytesFull ? limit.bytes : limit.tokens,
    retryAfterS: Math.min(retryAfterMaxS, Math.max(1, seconds)),
    message: `The fleet is busy: ${what}.`,
  };
}
