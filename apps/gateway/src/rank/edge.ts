import { describeTrouble } from '@rerank-fleet/queue';
import type { Logger, Readiness, Tracing } from '@rerank-fleet/service-shell';
import type { AccessGuard } from '../http/access';
import type { Exchange, RequestMetrics } from '../http/exchange';
import type { Fleet } from './fleet';
import type { BodyReading } from '../http/request-body';

/** Keeps rankings for later feedback. */
export interface RankingRecorder {
  store(requestId: string, ranking: { model: string; documents: number; order: readonly number[] }): void;
}

/** The dependencies of the request handlers. */
export interface Edge extends AccessGuard, BodyReading {
  fleet: Fleet;
  metrics: RequestMetrics;
  logger: Pick<Logger, 'error'>;
  tracing: Tracing;
  /** Receives each ranking, for later feedback. */
  rankings: RankingRecorder;
  /** True after SIGTERM. */
  isDraining(): boolean;
}

/** Whether requests should be sent to this gateway, and if not, why. */
export function readinessOf({ fleet, isDraining }: Pick<Edge, 'fleet' | 'isDraining'>): Readiness {
  const trouble = fleet.redisTrouble();
  const reasons = [
    ...(trouble === undefined ? [] : [describeTrouble(trouble)]),
    ...(isDraining() ? ['shutting down'] : []),
  ];
  return { ready: reasons.length === 0, reasons };
}

/** Logs an internal error. The logger removes quoted text from errors. */
export function logFault(logger: Edge['logger'], { requestId, span }: Exchange, error: unknown): void {
  logger.error('request failed unexpectedly', { requestId, traceId: span.traceId, error });
}
