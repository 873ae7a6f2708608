import type { RerankJob } from '@rerank-fleet/contract';
import type { WorkerQueue } from '@rerank-fleet/queue';
import type { Pipeline } from './pipeline';

export interface TakeLoop {
  /** Begins no more takes. A take in progress ends by itself, and taken jobs continue. */
  stop(): void;
  /** After `stop`: resolves when the take in progress has ended and every taken job is settled. */
  drained(): Promise<void>;
}

export interface TakeLoopOptions {
  queue: WorkerQueue;
  pipeline: Pipeline;
  /** While this many tokens are held, no more jobs are taken. Asked before each take. */
  heldTokensMax(): number;
  /** Called with the job if it was taken but could not be answered. */
  onError(error: Error, job?: RerankJob): void;
  /** Called when a job that could not be run was answered as failed. */
  onRefused(): void;
}

const pauseAfterErrorMs = 250;

/** Limits takes by the held tokens, not by the number of jobs: a job may be one short document or a thousand. */
export function startTakeLoop({ queue, pipeline, heldTokensMax, onError, onRefused }: TakeLoopOptions): TakeLoop {
  const active = new Set<Promise<void>>();
  let stopped = false;

  const takeOnce = async () => {
    await pipeline.room(heldTokensMax());
    if (stopped) return;
    const take = await queue.take();
    if (take.kind === 'refused') onRefused();
    if (take.kind !== 'job') return;
    const work = pipeline
      .process(take.taken)
      .catch((error: Error) => onError(error, take.taken.job))
      .finally(() => active.delete(work));
    active.add(work);
  };
  const takes = (async () => {
    while (!stopped) {
      await takeOnce().catch((error: Error) => {
        onError(error);
        if (stopped) return undefined;
        return new Promise((resolve) => setTimeout(resolve, pauseAfterErrorMs));
      });
    }
  })();

  return {
    stop() {
      stopped = true;
    },
    async drained() {
      // also the take in progress: otherwise its job would have no owner until its lock expires
      await takes;
      while (active.size > 0) await Promise.all([...active]);
    },
  };
}
