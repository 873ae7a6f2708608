import type { RedisHealth } from '../redis/health';
import { createFleetReader, emptyFleet, type FleetView } from '../registry/fleet-view';
import type { InFlight, Totals } from './in-flight';

export interface HeartbeatOptions {
  /** Writes this gateway's heartbeat, with its totals if given, and returns the registry if it is not the known one. */
  send(totals: Totals | undefined, knownDigest: string): Promise<RegistryAnswer>;
  inFlight: Pick<InFlight, 'takeTotals' | 'totalsArrived'>;
  health: Pick<RedisHealth, 'worked' | 'failed'>;
  /** Called after each heartbeat that Redis answered. */
  onAnswer(): void;
  onError(error: Error): void;
}

/** The registry of workers as it is stored. */
export interface RegistryAnswer {
  /** Differs when the registry does. */
  digest: string;
  /** Announcements as text. Undefined: they are those of the known digest. */
  registry: { workers: (string | null)[]; bundles: (string | null)[] } | undefined;
}

/** The heartbeat of a gateway: it sends the gateway's totals and receives the state of the fleet. */
export interface Heartbeat {
  /** Sends one heartbeat. Calls during a heartbeat share it. Never rejects. */
  beat(): Promise<void>;
  /** Resolves when no heartbeat is in progress. */
  settled(): Promise<void>;
  /** The fleet as of the last heartbeat that Redis answered. */
  fleet(): FleetView;
}

export function createHeartbeat({ send, inFlight, health, onAnswer, onError }: HeartbeatOptions): Heartbeat {
  const readFleet = createFleetReader();
  let fleet = emptyFleet;
  let knownDigest = '';
  let underWay: Promise<void> | undefined;
  const beatOnce = async () => {
    const totals = inFlight.takeTotals();
    try {
      const { digest, registry } = await send(totals, knownDigest);
      if (totals) inFlight.totalsArrived(totals);
      if (registry) fleet = readFleet(registry.workers, registry.bundles);
      knownDigest = digest;
      health.worked();
      onAnswer();
    } catch (error) {
      health.failed(error as Error);
      onError(error as Error);
    }
  };
  return {
    beat() {
      underWay ??= beatOnce().finally(() => (underWay = undefined));
      return underWay;
    },
    settled: async () => underWay,
    fleet: () => fleet,
  };
}
