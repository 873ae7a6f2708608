import { describeTrouble, type RedisTrouble } from '@rerank-fleet/queue';
import type { Readiness } from '@rerank-fleet/service-shell';

/** What is known of a worker that has its model loaded. Changed by whoever sees it change. */
export interface Health {
  lastInferenceGood: boolean;
  /** Joining: opens its queue and is not announced. Stopping: is not to be announced again. */
  phase: 'joining' | 'serving' | 'stopping';
  /** No call of a thread can be under way for long: nothing is held, or nothing was taken yet. */
  idle: boolean;
  /** Why Redis cannot be worked with; undefined while it can. */
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
