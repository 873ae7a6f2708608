import type { RerankRequest, Ranking, WorkerAnnouncement, Result } from '@rerank-fleet/contract';
import type { RedisTrouble } from '@rerank-fleet/queue';
import type { Span } from '@rerank-fleet/service-shell';

export interface RankOptions {
  requestId: string;
  /** How long the caller waits for the answer. */
  waitMs: number;
  /** The request, which its jobs are traced under. */
  span: Span;
  /** Aborted when the caller went away. */
  signal: AbortSignal;
}

export type RankOutcome = Result<{ ranking: Ranking }>;

/** One live bundle, merged over its workers. */
export interface ModelView extends Omit<WorkerAnnouncement, 'workerId' | 'bundle'> {
  name: string;
  version: string;
  /** How many workers serve it; `tokensPerSecond` is theirs together. */
  workers: number;
}

/** What one bundle has to do, and what it does it with. */
export interface BundleState extends ModelView {
  /** Of all its workers; 0 while it has none. */
  sessions: number;
  /** Estimated tokens that are admitted and not answered, over all gateways. */
  queuedTokens: number;
  /** How many are admitted at most. */
  limitTokens: number;
}

/** What the fleet has to do. */
export interface FleetState {
  /** Live gateways, this one included. */
  gateways: number;
  /** Job data in Redis, over all bundles. */
  queuedBytes: number;
  /** Every bundle that had a worker within 24 hours. */
  bundles: BundleState[];
}

/** What the HTTP edge knows of the fleet behind it. */
export interface Fleet {
  /** Without documents the ranking is empty and no worker is asked, but the model must be there all the same. */
  rank(request: RerankRequest, options: RankOptions): Promise<RankOutcome>;
  models(): ModelView[];
  /** At most about a second old; the last known while Redis is away. Never rejects. */
  state(): Promise<FleetState>;
  /** Why the queue cannot be worked with; undefined while it can. */
  redisTrouble(): RedisTrouble | undefined;
}
