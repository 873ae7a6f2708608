import type { RedisTrouble } from '@rerank-fleet/contract';
import { describeTrouble } from '@rerank-fleet/queue';
import type { Readiness } from '@rerank-fleet/service-shell';

/** The state of a worker whose model is loaded. Updated by the code that observes each change. */
export interface Health {
  lastInferenceGood: boolean;
  /** Joining: not announced yet. Stopping: must not be announced again. */
  phase: 'joining' | 'serving' | 'stopping';
  /** Whether no call of a thread can be in progress: no job is held, or none was taken yet. */
  idle: boolean;
  /** Why Redis cannot be used; undefined while it can. */
  redisTrouble: RedisTrouble | undefined;
}

/** Whether jobs should be sent here, and if not, why. */
export function readinessOf({ phase, redisTrouble, lastInferenceGood }: Health): Readiness {
  const reasons = [
    ...(phase === 'joining' && redisTrouble === undefined ? ['joining the fleet'] : []),
    ...(phase === 'stopping' ? ['shutting down'] : []),
    ...(redisTrouble === undefined ? [] : [describeTrouble(redisTrouble)]),
    ...(lastInferenceGood ? [] : ['the last inference failed']),
  ];
  return { ready: reasons.length === 0, reasons };
}
