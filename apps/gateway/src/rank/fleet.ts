import type { RedisTrouble, RerankRequest, Ranking, WorkerAnnouncement, Result } from '@rerank-fleet/contract';
import type { Span } from '@rerank-fleet/service-shell';

export interface RankOptions {
  requestId: string;
  /** How long the caller waits for the answer. */
  waitMs: number;
  /** The span of the request, the parent of its jobs' spans. */
  span: Span;
  /** Aborted when the caller disconnected. */
  signal: AbortSignal;
}

export type RankOutcome = Result<{ ranking: Ranking }>;

/** One live bundle, merged over its workers. */
export interface ModelView extends Omit<WorkerAnnouncement, 'workerId' | 'bundle'> {
  name: string;
  version: string;
  /** The number of its workers. `tokensPerSecond` is their sum. */
  workers: number;
}

/** The backlog and the capacity of one bundle. */
export interface BundleState extends ModelView {
  /** Sessions of all its workers; 0 while it has none. */
  sessions: number;
  /** Estimated tokens of admitted requests without an answer, over all gateways. */
  queuedTokens: number;
  /** The most queued tokens that are admitted. */
  limitTokens: number;
}

/** The backlog and the capacity of the fleet. */
export interface FleetState {
  /** Live gateways, including this one. */
  gateways: number;
  /** Bytes of job data in Redis, over all bundles. */
  queuedBytes: number;
  /** Every bundle that had a worker within 24 hours. */
  bundles: BundleState[];
}

/** The fleet as the HTTP application uses it. */
export interface Fleet {
  /** Ranks a request. Without documents the ranking is empty and uses no worker, but the model must exist. */
  rank(request: RerankRequest, options: RankOptions): Promise<RankOutcome>;
  models(): ModelView[];
  /** At most about a second old; the last known state while Redis is away. Never rejects. */
  state(): Promise<FleetState>;
  /** Why Redis cannot be used; undefined while it can. */
  redisTrouble(): RedisTrouble | undefined;
}
