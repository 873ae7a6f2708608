import type { ErrorCode, Failure, JobOutcome } from '@rerank-fleet/contract';
import type { GatewayQueue } from '@rerank-fleet/queue';
import type { RankOptions, RankOutcome } from './fleet';
import type { Gathering } from './gather';

/** The requests of this process that wait for their ranking. */
export interface WaitingRequests {
  /**
   * Resolves with what comes first: the answer, the end of the wait, or the caller's disconnect. In the last two cases,
   * and if a part failed while others are queued, the workers skip the rest.
   */
  wait(gathering: Gathering, options: RankOptions): Promise<RankOutcome>;
  isWaiting(requestId: string): boolean;
  /** Adds an outcome of a part. An outcome of a request that no longer waits is ignored. */
  add(outcome: JobOutcome): void;
  refuse(requestId: string, failure: Failure): void;
  /** Refuses all waiting requests. Returns their number. */
  refuseAll(failure: Failure): number;
}

interface Waiting {
  gathering: Gathering;
  finish(outcome: RankOutcome): void;
}

/** @param queue called for requests that end without a ranking */
export function createWaitingRequests(queue: () => Pick<GatewayQueue, 'cancel' | 'expire'>): WaitingRequests {
  const waiting = new Map<string, Waiting>();
  return {
    wait: (gathering, { requestId, waitMs, signal }) =>
      new Promise((resolve) => {
        const finish = (outcome: RankOutcome) => {
          if (!waiting.delete(requestId)) return;
          clearTimeout(timer);
          signal.removeEventListener('abort', onAbort);
          if (!outcome.ok) abandon(queue(), requestId, outcome.failure.code);
          resolve(outcome);
        };
        const onAbort = () => finish({ ok: false, failure: callerDisconnected });
        const timer = setTimeout(() => finish({ ok: false, failure: waitOver(waitMs) }), waitMs);
        waiting.set(requestId, { gathering, finish });
        signal.addEventListener('abort', onAbort, { once: true });
        if (signal.aborted) onAbort();
      }),
    isWaiting: (requestId) => waiting.has(requestId),
    add(outcome) {
      const request = waiting.get(outcome.requestId);
      const gathered = request?.gathering.add(outcome);
      if (request && gathered) request.finish(gathered);
    },
    refuse: (requestId, failure) => waiting.get(requestId)?.finish({ ok: false, failure }),
    refuseAll(failure) {
      const open = [...waiting.values()];
      for (const request of open) request.finish({ ok: false, failure });
      return open.length;
    },
  };
}

const callerDisconnected: Failure = { code: 'cancelled', message: 'The caller disconnected.' };

function waitOver(waitMs: number): Failure {
  const message = `No answer arrived within the wait of ${waitMs} ms.`;
  return { code: 'deadline_exceeded', limit: waitMs, message };
}

/** Cancels or expires what is left on the queue of a request that ends without a ranking. */
function abandon(queue: Pick<GatewayQueue, 'cancel' | 'expire'>, requestId: string, code: ErrorCode): void {
  if (code === 'redis_away' || code === 'queue_full') return; // never on the queue, or undone by the submission itself
  if (code === 'deadline_exceeded') queue.expire(requestId);
  else queue.cancel(requestId);
}
