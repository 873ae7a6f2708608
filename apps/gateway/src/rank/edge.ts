import type { IncomingMessage } from 'node:http';
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
import type { OriginRules } from './origins';
import type { TakeTurn } from './turns';

/** Everything a request handler works with. */
export interface Edge {
  config: EdgeConfig;
  fleet: Fleet;
  metrics: RequestMetrics;
  logger: Pick<Logger, 'error'>;
  tracing: Tracing;
  access: AccessCheck;
  origins: OriginRules;
  /** What the bodies of all requests hold together. */
  heldBytes: HeldBytes;
  /** Awaited before work that holds the event loop for long. */
  takeTurn: TakeTurn;
  /** What feedback can be given to. */
  rankings: RankingMemory;
  /** True from the moment the process has been told to end. */
  isDraining(): boolean;
}

const noAccess: Failure = failureOf(
  'unauthorized',
  'A valid API key is needed, as `Authorization: Bearer <key>`, `x-api-key: <key>` or `api-key: <key>`.',
);

const foreignOrigin: Failure = failureOf(
  'origin_not_allowed',
  'A page of this origin may not use this service without an API key. ALLOWED_ORIGINS of the gateway names those that may.',
);

/** Why a request may not use the API, if so: before anything of its body is read. */
export function refusedAccess({ access, origins }: Edge, request: IncomingMessage): Failure | undefined {
  const granted = access(request);
  switch (granted) {
    case 'with_key':
      return undefined;
    case 'without_key':
      return origins.isForeign(request.headers) ? foreignOrigin : undefined;
    case 'denied':
      return noAccess;
    default:
      return granted satisfies never;
  }
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
