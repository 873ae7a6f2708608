import type { ErrorCode, Failure, JobOutcome } from '@rerank-fleet/contract';
import type { GatewayQueue } from '@rerank-fleet/queue';
import type { RankOptions, RankOutcome } from './fleet';
import type { Gathering } from './gather';

/** The requests of this process that wait for their ranking. */
export interface WaitingRequests {
  /**
   * Settles once, by what comes first: the gathered answer, the end of the wait, or the caller's going away. In the last
   * two cases, and when a part failed while others are still queued, the workers are told to skip the rest.
   */
  wait(gathering: Gathering, options: RankOptions): Promise<RankOutcome>;
  isWaiting(requestId: string): boolean;
  /** An outcome of a part; one of a request that does not wait any more is passed over. */
  add(outcome: JobOutcome): void;
  refuse(requestId: string, failure: Failure): void;
  /** Refuses all; how many there were. */
  refuseAll(failure: Failure): number;
}

interface Waiting {
  gathering: Gathering;
  finish(outcome: RankOutcome): void;
}

/** @param queue told of requests that end without a ranking */
export function createWaitingRequests(queue: () => Pick<GatewayQueue, 'cancel' | 'expire'>): WaitingRequests {
  const waiting = new Map<string, Waiting>();
  return {
    wait: (gathering, { requestId, waitMs, signal }) =>
      new Promise((resolve) => {
        const finish = (outcome: RankOutcome) => {
          if (!waiting.delete(requestId)) return;
          clearTimeout(timer);
          signal.removeEventListener('abort', gone);
          if (!outcome.ok) abandon(queue(), requestId, outcome.failure.code);
          resolve(outcome);
        };
        const gone = () => finish({ ok: false, failure: callerGone });
        const timer = setTimeout(() => finish({ ok: false, failure: waitOver(waitMs) }), waitMs);
        waiting.set(requestId, { gathering, finish });
        signal.addEventListener('abort', gone, { once: true });
        if (signal.aborted) gone();
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

const callerGone: Failure = { code: 'cancelled', message: 'The caller went away.' };

function waitOver(waitMs: number): Failure {
  const message = `There was no answer within the wait of ${waitMs} ms.`;
  return { code: 'deadline_exceeded', limit: waitMs, message };
}

/** What is left of a request on the queue when it ends without a ranking. */
function abandon(queue: Pick<GatewayQueue, 'cancel' | 'expire'>, requestId: string, code: ErrorCode): void {
  if (code === 'redis_away' || code === 'queue_full') return; // never on the queue, or undone by the submission itself
  if (code === 'deadline_exceeded') queue.expire(requestId);
  else queue.cancel(requestId);
}
