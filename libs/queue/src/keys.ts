/** Every Redis key of the fleet but BullMQ's own, under one prefix, so that several fleets (and tests) share a Redis. */
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
  /** HASH bundle key -> what was last announced of it, and ZSET bundle key -> last seen. */
  bundles: string;
  bundlesSeen: string;
  /** ZSET request id -> until when it matters; and the channel on which the same ids are published. */
  cancelled: string;
  cancelChannel: string;
  /** STREAM of one gateway's outcomes. */
  replies(gateway: string): string;
  /** BullMQ's key prefix. */
  bullPrefix: string;
}

export function fleetKeys(prefix: string): FleetKeys {
  return {
    gateways: `${prefix}:gateways`,
    inFlightBytes: `${prefix}:in-flight:bytes`,
    inFlightTokens: (queue) => `${prefix}:in-flight:tokens:${queue}`,
    workers: `${prefix}:workers`,
    workersSeen: `${prefix}:workers:seen`,
    bundles: `${prefix}:bundles`,
    bundlesSeen: `${prefix}:bundles:seen`,
    cancelled: `${prefix}:cancelled`,
    cancelChannel: `${prefix}:cancel`,
    replies: (gateway) => `${prefix}:replies:${gateway}`,
    bullPrefix: `${prefix}:bull`,
  };
}

/** The id of a part's BullMQ job: the same part added twice is one job. */
export function jobId(requestId: string, part: number): string {
  return `${requestId}-${part}`;
}
