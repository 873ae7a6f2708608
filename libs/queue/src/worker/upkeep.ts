import { bundleKey } from '@rerank-fleet/contract';
import { Queue } from 'bullmq';
import { removeOldKeys } from './old-keys';
import { repeat } from '../redis/repeat';
import { workerHeartbeat } from './scripts';
import { failedJobAgeMs, failedJobCount, failedSweepMs, heartbeatMs, lockMs, retryMs } from '../redis/timing';
import type { WorkerState } from './state';

/**
 * Starts the periodic tasks of a worker: the heartbeat (sends the announcement; reads the gateways' heartbeats,
 * cancellations and Redis' clock), the renewal of job locks, and the removal of failed jobs and old keys.
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

/** Once per minute, until all are removed. Versions that write these keys are not expected to come back. */
function sweepOldKeys({ options, redis }: WorkerState): () => void {
  let areRemoved = false;
  const sweep = async () => {
    areRemoved ||= await removeOldKeys(redis, options.prefix);
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

/** After this long without an answer Redis counts as away for readiness. The pending command still waits. */
const answerLimitMs = 2_000;

/** Repeats a heartbeat until Redis answers one. Stops when `isNeeded` returns false. */
export async function beatUntilAnswered(state: Omit<WorkerState, 'bull'>, isNeeded = () => true): Promise<void> {
  while (isNeeded() && !(await beat(state))) await new Promise((resolve) => setTimeout(resolve, retryMs));
}

/** Sends one heartbeat. Returns whether Redis answered. */
async function beat(state: Omit<WorkerState, 'bull'>): Promise<boolean> {
  const { options, health } = state;
  const announcement = state.announced ? JSON.stringify(options.announcement()) : undefined;
  const late = setInterval(() => health.failed(), answerLimitMs);
  try {
    const { nowMs, gateways, cancelled } = await workerHeartbeat(state.redis, state.keys, {
      workerId: options.workerId,
      bundle: bundleKey(options.bundle),
      announcement,
      answered: state.answeredAnnouncement,
      sinceMs: state.beatAtMs,
    });
    const answeredAt = Date.now();
    // as if the answer had taken no time: the estimate of Redis' clock is then late, never early, and no job expires
    // too soon
    state.clockOffsetMs = nowMs - answeredAt;
    state.beatAtMs = nowMs;
    state.answeredAnnouncement = announcement;
    state.liveness.observe(gateways, answeredAt);
    state.cancellations.add(cancelled);
    health.worked();
    return true;
  } catch (error) {
    health.failed(error as Error);
    // a heartbeat that failed because the connection was closed is not a fault
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
