import { bundleKey } from '@rerank-fleet/contract';
import { Queue } from 'bullmq';
import { workerHeartbeat } from './scripts';
import { failedJobAgeMs, failedJobCount, failedSweepMs, heartbeatMs, lockMs } from './timing';
import type { WorkerState } from './worker-queue';

/**
 * What runs beside the work: the heartbeat (announcement out, the gateways' heartbeats and Redis' clock in), the
 * renewal of the locks of held jobs, the check for jobs of dead workers, and the sweep of failed jobs.
 */
export async function startUpkeep(state: WorkerState): Promise<{ stop(): void }> {
  await beat(state);
  const sweepQueue = new Queue(bundleKey(state.options.bundle), {
    connection: state.redis,
    prefix: state.keys.bullPrefix,
    streams: { events: { maxLen: 100 } },
  });
  sweepQueue.on('error', (error) => state.options.onError('sweep', error));
  await state.bull.startStalledCheckTimer();
  const stops = [
    every(heartbeatMs, () => beat(state)),
    every(lockMs / 3, () => renewLocks(state)),
    every(failedSweepMs, async () => {
      await sweepQueue.clean(failedJobAgeMs, 0, 'failed');
      const count = await sweepQueue.getFailedCount();
      const surplus = count > failedJobCount ? await sweepQueue.getFailed(failedJobCount, count) : [];
      await Promise.all(surplus.map((job) => job.remove()));
    }),
  ];
  return {
    stop() {
      stops.forEach((stop) => stop());
      sweepQueue.close().catch(() => undefined);
    },
  };

  /** Runs again `intervalMs` after the last run ended: while Redis hangs, commands do not pile up. */
  function every(intervalMs: number, run: () => Promise<unknown>): () => void {
    let timer = setTimeout(tick, intervalMs);
    let stopped = false;
    function tick() {
      void run()
        .catch((error: Error) => state.options.onError('upkeep', error))
        .finally(() => {
          if (!stopped) timer = setTimeout(tick, intervalMs);
        });
    }
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }
}

/** Past this without an answer Redis counts as away, for readiness; the pending command still gets through later. */
const answerLimitMs = 2_000;

async function beat(state: WorkerState): Promise<void> {
  const announcement = state.withdrawn ? undefined : state.options.announcement();
  const late = setTimeout(() => (state.up = false), answerLimitMs);
  const sentAt = Date.now();
  try {
    if (!announcement) {
      const [seconds, micros] = (await state.redis.time()) as [number, number];
      state.clockOffsetMs = Number(seconds) * 1000 + Number(micros) / 1000 - (sentAt + Date.now()) / 2;
    } else {
      const { nowMs, gateways } = await workerHeartbeat(state.redis, state.keys, {
        workerId: state.options.workerId,
        bundle: bundleKey(announcement.bundle),
        announcement: JSON.stringify(announcement),
      });
      const answeredAt = Date.now();
      // an answer that was long under way says little about the clock
      if (answeredAt - sentAt < answerLimitMs) state.clockOffsetMs = nowMs - (sentAt + answeredAt) / 2;
      state.liveness.observe(gateways, answeredAt);
    }
    state.up = true;
  } finally {
    clearTimeout(late);
  }
}

async function renewLocks({ bull, locks }: WorkerState): Promise<void> {
  if (locks.size === 0) return;
  await bull.extendJobLocks([...locks.keys()], [...locks.values()], lockMs);
}
