/** All Redis keys of a fleet except BullMQ's, under one prefix. So several fleets (and tests) can share one Redis. */
export interface FleetKeys {
  /** HASH gateway id -> its last heartbeat, ms on Redis' clock. */
  gateways: string;
  /** HASH gateway id -> bytes of job data that it has in flight, over all bundles. */
  inFlightBytes: string;
  /** HASH gateway id -> estimated tokens that it has in flight on one bundle's queue. */
  inFlightTokens(queue: string): string;
  /** HASH worker id -> announcement, and ZSET worker id -> last heartbeat. */
  workers: string;
  workersSeen: string;
  /** HASH bundle key -> its last announcement, and ZSET bundle key -> last seen. */
  bundles: string;
  bundlesSeen: string;
  /** ZSET request id -> when it was cancelled, ms on Redis' clock. */
  cancelled: string;
  /** STREAM of one gateway's outcomes. */
  replies(gateway: string): string;
  /** BullMQ's key prefix. */
  bullPrefix: string;
}

/**
 * The keys of the fleet with this prefix. The prefix is put in braces, so that all keys of a fleet have the same slot
 * of a Redis Cluster, as scripts and transactions require.
 */
export function fleetKeys(prefix: string): FleetKeys {
  const tag = hashTag(prefix);
  return {
    gateways: `${tag}:gateways`,
    inFlightBytes: `${tag}:in-flight:bytes`,
    inFlightTokens: (queue) => `${tag}:in-flight:tokens:${queue}`,
    workers: `${tag}:workers`,
    workersSeen: `${tag}:workers:seen`,
    bundles: `${tag}:bundles`,
    bundlesSeen: `${tag}:bundles:seen`,
    cancelled: `${tag}:cancelled`,
    replies: (gateway) => `${tag}:replies:${gateway}`,
    bullPrefix: `${tag}:bull`,
  };
}

/** Adds the braces, unless the prefix has a hash tag already. */
function hashTag(prefix: string): string {
  return /\{[^}]+\}/.test(prefix) ? prefix : `{${prefix}}`;
}

/** The id of a part's BullMQ job. Adding the same part twice creates one job. */
export function jobId(requestId: string, part: number): string {
  return `${requestId}-${part}`;
}
