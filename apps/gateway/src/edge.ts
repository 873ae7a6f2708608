import type { Failure } from '@rerank-fleet/contract';
import { describeTrouble } from '@rerank-fleet/queue';
import type { Logger, Readiness, Tracing } from '@rerank-fleet/service-shell';
import type { AccessCheck } from './api-key';
import type { EdgeConfig } from './config';
import type { Exchange, RequestMetrics } from './exchange';
import { failureOf } from './failure';
import type { RankingMemory } from './feedback/memory';
import type { Fleet } from './fleet';
import type { HeldBytes } from './held-bytes';
import type { TakeTurn } from './turns';

/** Everything a request handler works with. */
export interface Edge {
  config: EdgeConfig;
  fleet: Fleet;
  metrics: RequestMetrics;
  logger: Pick<Logger, 'error'>;
  tracing: Tracing;
  hasAccess: AccessCheck;
  /** What the bodies of all requests hold together. */
  heldBytes: HeldBytes;
  /** Awaited before work that holds the event loop for long. */
  takeTurn: TakeTurn;
  /** What feedback can be given to. */
  rankings: RankingMemory;
  /** True from the moment the process has been told to end. */
  isDraining(): boolean;
}

/** What is said to whoever lacks a key, wherever. */
export const noAccess: Failure = failureOf(
  'unauthorized',
  'A valid API key is needed, as `Authorization: Bearer <key>`, `x-api-key: <key>` or `api-key: <key>`.',
);

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
