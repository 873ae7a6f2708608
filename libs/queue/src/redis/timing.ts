/** A worker or gateway whose heartbeat is older than this is considered dead. */
export const aliveMs = 5_000;
export const heartbeatMs = 1_000;
/**
 * A gateway chooses a bundle by its last heartbeat and may take half a second to submit. For this long, work can arrive
 * for a bundle whose last worker has left the registry.
 */
export const lastWorkerLingerMs = 2 * heartbeatMs;
/** Interval at which a process checks whether Redis is back. */
export const retryMs = 250;
/** A bundle that had a worker within this time is known: a request for it gets "no worker", not "no such model". */
export const bundleRetentionMs = 24 * 60 * 60 * 1000;
/** A gateway's totals for a queue expire after this time without an admission. */
export const idleTotalsMs = 60 * 60 * 1000;
/** How long a cancelled id is kept: the longest wait that a caller may ask for, so the longest life of a queued job. */
export const cancelRetentionMs = 15 * 60 * 1000;
/** Above this number the oldest cancellations are dropped. The only effect is that their requests are still scored. */
export const cancelRetentionCount = 100_000;
/** Versions without a hash tag in their keys are considered gone after this long without a heartbeat of any of them. */
export const oldVersionSilenceMs = 10 * 60 * 1000;
/** How long an answer stays on a reply stream that its gateway does not read. */
export const replyExpiryS = 600;
export const replyStreamLength = 10_000;
/**
 * BullMQ's lock of a taken job and the interval of its stalled check. A killed worker's jobs are taken again within
 * lock + 2 intervals (measured), and the lock is much longer than any delay of a busy event loop.
 */
export const lockMs = 4_000;
export const stalledIntervalMs = 1_000;
export const maxStalledCount = 2;
/** How long one take waits for a job, and so how long a stopping worker waits for its last take. */
export const takeBlockS = 1;
/** Failed jobs hold users' texts, so only this many are kept for the queue board, and only this long. */
export const failedJobAgeMs = 60 * 60 * 1000;
export const failedJobCount = 100;
export const failedSweepMs = 60_000;
