import type { Failure, RerankRequest, Ranking, WorkerAnnouncement } from '@rerank-fleet/contract';
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

export type RankOutcome = { ok: true; ranking: Ranking } | { ok: false; failure: Failure };

/** One live bundle, merged over its workers. */
export interface ModelView extends Omit<WorkerAnnouncement, 'workerId' | 'bundle'> {
  name: string;
  version: string;
  /** How many workers serve it; `tokensPerSecond` is theirs together. */
  workers: number;
}

/** What the HTTP edge knows of the fleet behind it. */
export interface Fleet {
  rank(request: RerankRequest, options: RankOptions): Promise<RankOutcome>;
  models(): ModelView[];
  isRedisUp(): boolean;
}
