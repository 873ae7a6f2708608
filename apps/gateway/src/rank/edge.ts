import { describeTrouble } from '@rerank-fleet/queue';
import type { Logger, Readiness, Tracing } from '@rerank-fleet/service-shell';
import type { AccessGuard } from '../http/access';
import type { Exchange, RequestMetrics } from '../http/exchange';
import type { Fleet } from './fleet';
import type { BodyReading } from '../http/request-body';

/** Keeps what later feedback to a ranking is judged by. */
export interface RankingRecorder {
  remember(requestId: string, ranking: { model: string; documents: number; order: readonly number[] }): void;
}

/** Everything a request handler works with. */
export interface Edge extends AccessGuard, BodyReading {
  fleet: Fleet;
  metrics: RequestMetrics;
  logger: Pick<Logger, 'error'>;
  tracing: Tracing;
  /** Told of each ranking, for feedback that comes later. */
  rankings: RankingRecorder;
  /** True from the moment the process has been told to end. */
  isDraining(): boolean;
}

/** Whether requests should be sent here, and if not, why. */
export function readinessOf({ fleet, isDraining }: Pick<Edge, 'fleet' | 'isDraining'>): Readiness {
  const trouble = fleet.redisTrouble();
  const reasons = [
    ...(trouble === undefined ? [] : [describeTrouble(trouble)]),
    ...(isDraining() ? ['shutting down'] : []),
  ];
  return { ready: reasons.length === 0, reasons };
}

/** Logs a fault of ours, once. The logger keeps what an error quotes to itself. */
export function logFault(logger: Edge['logger'], { requestId, span }: Exchange, error: unknown): void {
  logger.error('request failed unexpectedly', { requestId, traceId: span.traceId, error });
}
