import { aliveMs, heartbeatMs } from '../redis/timing';

/** Judges from successive looks at the gateways' heartbeats whose callers are gone for good. */
export interface GatewayLiveness {
  /** One look that Redis answered: each gateway's heartbeat as text, and our own clock. */
  observe(heartbeats: ReadonlyMap<string, string>, now: number): void;
  isGone(gateway: string): boolean;
  /**
   * A job of this gateway was taken. One that was queued after the gateway's last heartbeat is a sign of life: the gateway
   * stood still and goes on. Starts to count for a gateway that never beat.
   *
   * @param queuedAtMs on Redis' clock
   */
  jobTaken(gateway: string, queuedAtMs: number): void;
}

/**
 * A gateway is gone when its heartbeat did not change for 5 s in which Redis answered us. The time that Redis itself
 * was away does not count: a look after a gap adds no more than two beats, so an outage orphans nobody.
 */
export function createGatewayLiveness(): GatewayLiveness {
  const seen = new Map<string, { beat: string | undefined; silentMs: number }>();
  let lastLookMs: number | undefined;
  return {
    observe(heartbeats, now) {
      const elapsedMs = lastLookMs === undefined ? 0 : now - lastLookMs;
      const countedMs = elapsedMs > 2 * heartbeatMs ? 0 : elapsedMs;
      lastLookMs = now;
      for (const [gateway, entry] of seen) {
        const beat = heartbeats.get(gateway);
        const changed = beat !== undefined && beat !== entry.beat;
        entry.silentMs = changed ? 0 : entry.silentMs + countedMs;
        entry.beat = beat;
        // forgotten a while after its jobs can matter; a job that names it starts the count anew
        if (entry.silentMs > 100 * aliveMs) seen.delete(gateway);
      }
      for (const [gateway, beat] of heartbeats) if (!seen.has(gateway)) seen.set(gateway, { beat, silentMs: 0 });
    },
    isGone: (gateway) => (seen.get(gateway)?.silentMs ?? 0) >= aliveMs,
    jobTaken(gateway, queuedAtMs) {
      const entry = seen.get(gateway);
      if (!entry) seen.set(gateway, { beat: undefined, silentMs: 0 });
      else if (entry.beat !== undefined && queuedAtMs > Number(entry.beat)) entry.silentMs = 0;
    },
  };
}
