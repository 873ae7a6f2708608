/** A worker or gateway whose heartbeat is older than this is gone. */
export const aliveMs = 5_000;
export const heartbeatMs = 1_000;
/**
 * A gateway chooses by what its last heartbeat showed and has half a second to submit: so long work may come to a bundle
 * whose last worker has left the registry.
 */
export const lastWorkerLingerMs = 2 * heartbeatMs;
/** While Redis is away, how often a process asks whether it is back. */
export const retryMs = 250;
/** A bundle that had a worker within this time is known: without one it is "no worker", not "no such model". */
export const bundleMemoryMs = 24 * 60 * 60 * 1000;
/** A gateway's totals on a queue on which it admits nothing any more vanish after this. */
export const idleTotalsMs = 60 * 60 * 1000;
/** A cancelled id matters as long as a job of it may lie on a queue: the longest wait a caller may ask for. */
export const cancelMemoryMs = 15 * 60 * 1000;
/** Beyond so many the oldest cancellations are forgotten: their work is done in vain, and nothing else. */
export const cancelMemoryCount = 100_000;
/** Versions without a hash tag in their keys have left when none of them has beaten for so long. */
export const oldVersionSilenceMs = 10 * 60 * 1000;
/** How long an answer may wait on a reply stream for its gateway. */
export const replyExpiryS = 600;
export const replyStreamLength = 10_000;
/**
 * BullMQ's lock of a taken job and the interval of its stalled check: a killed worker's jobs are taken again within
 * lock + 2 intervals (measured), and a lock outlives a busy event loop by a wide margin.
 */
export const lockMs = 4_000;
export const stalledIntervalMs = 1_000;
export const maxStalledCount = 2;
/** How long one take waits for a job, and so how long a worker that ends waits for its last take. */
export const takeBlockS = 1;
/** Failed jobs hold users' texts, so they stay for the queue board only this long and this many. */
export const failedJobAgeMs = 60 * 60 * 1000;
export const failedJobCount = 100;
export const failedSweepMs = 60_000;
