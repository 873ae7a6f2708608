import type { RerankJob } from '@rerank-fleet/contract';
import type { WorkerQueue } from '@rerank-fleet/queue';
import type { Pipeline } from './pipeline';

export interface TakeLoop {
  /** No take begins any more. The one that is under way ends by itself, and what was taken goes on. */
  stop(): void;
  /** After `stop`: resolves when the take that was under way has ended and every taken job is settled. */
  drained(): Promise<void>;
}

export interface TakeLoopOptions {
  queue: WorkerQueue;
  pipeline: Pipeline;
  /** No more jobs are taken while this many tokens are held. */
  heldTokensMax: number;
  /** `job` where it was taken and could not be answered. */
  onError(error: Error, job?: RerankJob): void;
  /** A job that could not be run was answered as failed. */
  onRefused(): void;
}

const pauseAfterErrorMs = 250;

/** Takes by the tokens that are held, not by the number of jobs: one job may be one short document or a thousand. */
export function startTakeLoop({ queue, pipeline, heldTokensMax, onError, onRefused }: TakeLoopOptions): TakeLoop {
  const active = new Set<Promise<void>>();
  let stopped = false;

  const takeOnce = async () => {
    await pipeline.room(heldTokensMax);
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
      // also the take that was under way: without an owner its job would wait until its lock ends
      await takes;
      while (active.size > 0) await Promise.all([...active]);
    },
  };
}
