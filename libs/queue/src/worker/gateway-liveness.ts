import { aliveMs, heartbeatMs } from '../redis/timing';

/** Decides from successive readings of the gateways' heartbeats which gateways are dead. */
export interface GatewayLiveness {
  /** Call with each reading that Redis answered: each gateway's heartbeat as text, and this process's clock. */
  observe(heartbeats: ReadonlyMap<string, string>, now: number): void;
  isDead(gateway: string): boolean;
  /**
   * Call when a job of this gateway was taken. A job that was queued after the gateway's last heartbeat shows that the
   * gateway, after a pause, is alive. For a gateway without a heartbeat, the time starts to count.
   *
   * @param queuedAtMs on Redis' clock
   */
  jobTaken(gateway: string, queuedAtMs: number): void;
}

/**
 * A gateway is dead when its heartbeat has not changed for 5 s in which Redis answered this worker. Time in which Redis
 * was away does not count: a reading after a gap of more than two beats adds nothing. So an outage makes no gateway
 * dead.
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
        // dropped long after its jobs can matter; a job that names it restarts the count
        if (entry.silentMs > 100 * aliveMs) seen.delete(gateway);
      }
      for (const [gateway, beat] of heartbeats) if (!seen.has(gateway)) seen.set(gateway, { beat, silentMs: 0 });
    },
    isDead: (gateway) => (seen.get(gateway)?.silentMs ?? 0) >= aliveMs,
    jobTaken(gateway, queuedAtMs) {
      const entry = seen.get(gateway);
      if (!entry) seen.set(gateway, { beat: undefined, silentMs: 0 });
      else if (entry.beat !== undefined && queuedAtMs > Number(entry.beat)) entry.silentMs = 0;
    },
  };
}
