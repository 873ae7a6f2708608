import { bundleKey } from '@rerank-fleet/contract';
import { Queue } from 'bullmq';
import { removeOldKeys } from './old-keys';
import { repeat } from '../redis/repeat';
import { workerHeartbeat } from './scripts';
import { failedJobAgeMs, failedJobCount, failedSweepMs, heartbeatMs, lockMs, retryMs } from '../redis/timing';
import type { WorkerState } from './state';

/**
 * What runs beside the work: the heartbeat (announcement out; the gateways' heartbeats, cancellations and Redis' clock in),
 * the renewal of the locks of held jobs, and the sweep of failed jobs.
 */
export function startUpkeep(state: WorkerState): { stop(): void } {
  const onError = (error: Error) => state.options.onError('upkeep', error);
  const stops = [
    repeat(() => beat(state), { delayMs: () => heartbeatMs, onError }),
    repeat(() => renewLocks(state), { delayMs: () => lockMs / 3, onError }),
    repeat(() => sweepFailed(state), { delayMs: () => failedSweepMs, onError }),
    sweepOldKeys(state),
  ];
  return {
    stop: () => stops.forEach((stop) => stop()),
  };
}

/** Until they are gone, once a minute; no version that writes them is expected to come back after that. */
function sweepOldKeys({ options, redis }: WorkerState): () => void {
  let areGone = false;
  const sweep = async () => {
    areGone ||= await removeOldKeys(redis, options.prefix);
  };
  return repeat(sweep, { delayMs: () => failedSweepMs, onError: (error) => options.onError('sweep', error) });
}

async function sweepFailed({ options, redis, keys }: WorkerState): Promise<void> {
  const queue = new Queue(bundleKey(options.bundle), {
    connection: redis,
    prefix: keys.bullPrefix,
    skipMetasUpdate: true,
    streams: { events: { maxLen: 100 } },
  });
  queue.on('error', (error) => options.onError('sweep', error));
  try {
    await queue.clean(failedJobAgeMs, 0, 'failed');
    const count = await queue.getFailedCount();
    const surplus = count > failedJobCount ? await queue.getFailed(failedJobCount, count) : [];
    await Promise.all(surplus.map((job) => job.remove()));
  } finally {
    await queue.close();
  }
}

/** Past this without an answer Redis counts as away, for readiness; the pending command still gets through later. */
const answerLimitMs = 2_000;

/** One heartbeat, however long Redis is away or refuses; given up when `isNeeded` turns false. */
export async function beatPatiently(state: Omit<WorkerState, 'bull'>, isNeeded = () => true): Promise<void> {
  while (isNeeded() && !(await beat(state))) await new Promise((resolve) => setTimeout(resolve, retryMs));
}

/** Whether Redis answered. */
async function beat(state: Omit<WorkerState, 'bull'>): Promise<boolean> {
  const { options, health } = state;
  const announcement = state.announced ? options.announcement() : undefined;
  const late = setInterval(() => health.failed(), answerLimitMs);
  try {
    const { nowMs, gateways, cancelled } = await workerHeartbeat(state.redis, state.keys, {
      workerId: options.workerId,
      bundle: bundleKey(options.bundle),
      announcement: announcement && JSON.stringify(announcement),
      sinceMs: state.beatAtMs,
    });
    const answeredAt = Date.now();
    // as if the answer had taken no time: our idea of Redis' clock is then late, never early, and no job expires too soon
    state.clockOffsetMs = nowMs - answeredAt;
    state.beatAtMs = nowMs;
    state.liveness.observe(gateways, answeredAt);
    state.cancellations.add(cancelled);
    health.worked();
    return true;
  } catch (error) {
    health.failed(error as Error);
    // a heartbeat that the end of the connection cut off is no fault
    if (!state.closing) options.onError('heartbeat', error as Error);
    return false;
  } finally {
    clearInterval(late);
  }
}

async function renewLocks({ bull, locks }: WorkerState): Promise<void> {
  if (locks.size === 0) return;
  await bull.extendJobLocks([...locks.keys()], [...locks.values()], lockMs);
}
