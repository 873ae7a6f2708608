import type { Failure, WorkerAnnouncement } from '@rerank-fleet/contract';
import { mean } from './estimate';

/** How much work a fleet takes on. */
export interface CapacityConfig {
  /** The backlog that is admitted, as seconds of the fleet's measured speed, and never fewer tokens than the floor. */
  backlogMs: number;
  backlogTokensMin: number;
  /** Job data in Redis over all bundles; far below Redis' own limit, past which not even workers can go on. */
  backlogBytes: number;
  /** The share of a request that one job carries: about this long on one worker. */
  jobMs: number;
  /** Most jobs of one request: past it jobs get larger, since each one costs Redis and both ends the same. */
  jobsMax: number;
}

export const defaultCapacity: CapacityConfig = {
  backlogMs: 30_000,
  backlogTokensMin: 65_536,
  backlogBytes: 256_000_000,
  jobMs: 500,
  jobsMax: 64,
};

/** Tokens that the live workers of a bundle score a second together; undefined before one has measured itself. */
export function fleetTokensPerSecond(workers: readonly WorkerAnnouncement[]): number | undefined {
  const speed = mean(workers.map((worker) => worker.tokensPerSecond));
  return speed === undefined ? undefined : speed * workers.length;
}

export function backlogLimit(config: CapacityConfig, workers: readonly WorkerAnnouncement[]) {
  const measured = ((fleetTokensPerSecond(workers) ?? 0) * config.backlogMs) / 1000;
  return { tokens: Math.max(config.backlogTokensMin, Math.round(measured)), bytes: config.backlogBytes };
}

/** Tokens of one job: about `jobMs` of one worker's work, at least one batch, and no request in too many jobs. */
export function jobTokens(
  config: CapacityConfig,
  workers: readonly WorkerAnnouncement[],
  requestTokens: number,
): number {
  const speed = mean(workers.map((worker) => worker.tokensPerSecond)) ?? 0;
  const batch = Math.max(...workers.map((worker) => worker.batchTokens));
  return Math.max(batch, (speed * config.jobMs) / 1000, requestTokens / config.jobsMax);
}

/** A request that not even the idle fleet could score within its own wait is refused for good, not for later. */
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
    message: `About ${tokens} tokens are more than the whole fleet scores within this request's wait of ${waitMs} ms (${most}). Send fewer documents at a time or wait longer (x-request-timeout-ms).`,
  };
}

const retryAfterMaxS = 60;

export interface Overload {
  inFlight: { tokens: number; bytes: number };
  cost: { tokens: number; bytes: number };
  limit: { tokens: number; bytes: number };
}

/** 429: how long until enough of the backlog is done, in whole seconds, by the same figures that refused. */
export function queueFull({ inFlight, cost, limit }: Overload, workers: readonly WorkerAnnouncement[]): Failure {
  const speed = fleetTokensPerSecond(workers);
  const surplus = Math.max(inFlight.tokens + cost.tokens - limit.tokens, 0);
  // where bytes are the bottleneck the backlog's tokens drain in the same proportion
  const byteShare = Math.max(0, inFlight.bytes + cost.bytes - limit.bytes) / Math.max(1, inFlight.bytes);
  const tokens = Math.max(surplus, byteShare * inFlight.tokens);
  const seconds = speed === undefined ? 5 : Math.ceil(tokens / speed);
  const bytesFull = inFlight.bytes + cost.bytes > limit.bytes;
  const what = bytesFull
    ? `${inFlight.bytes} bytes are in flight and ${cost.bytes} more pass the limit of ${limit.bytes}`
    : `about ${inFlight.tokens} tokens are in flight and ${cost.tokens} more pass the limit of ${limit.tokens}`;
  return {
    code: 'queue_full',
    limit: bytesFull ? limit.bytes : limit.tokens,
    retryAfterS: Math.min(retryAfterMaxS, Math.max(1, seconds)),
    message: `The fleet is busy: ${what}.`,
  };
}
