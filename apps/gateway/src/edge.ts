import type { Failure } from '@rerank-fleet/contract';
import type { Logger } from '@rerank-fleet/service-shell';
import type { AccessCheck } from './api-key';
import type { EdgeConfig } from './config';
import type { RequestMetrics } from './exchange';
import { failureOf } from './failure';
import type { Fleet } from './fleet';

/** Everything a request handler works with. */
export interface Edge {
  config: EdgeConfig;
  fleet: Fleet;
  metrics: RequestMetrics;
  logger: Pick<Logger, 'error'>;
  hasAccess: AccessCheck;
  /** True from the moment the process has been told to end. */
  isDraining(): boolean;
}

/** What is said to whoever lacks a key, wherever. */
export const noAccess: Failure = failureOf(
  'unauthorized',
  'A valid API key is needed, as `Authorization: Bearer <key>` or `x-api-key: <key>`.',
);

/** Logs a fault of ours, once. The logger keeps what an error quotes to itself. */
export function logFault(logger: Edge['logger'], requestId: string, error: unknown): void {
  logger.error('request failed unexpectedly', { requestId, error });
}
