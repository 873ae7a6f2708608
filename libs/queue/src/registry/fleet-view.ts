import { bundleKey, workerAnnouncementSchema, type WorkerAnnouncement } from '@rerank-fleet/contract';

/** The registry as of the last heartbeat that Redis answered. */
export interface FleetView {
  /** Live workers. */
  workers: WorkerAnnouncement[];
  /** The last announcement of each bundle that had a worker within 24 hours, live or not. */
  bundles: WorkerAnnouncement[];
}

export const emptyFleet: FleetView = { workers: [], bundles: [] };

/** Reads the texts of announcements. */
export type FleetReader = (workers: readonly (string | null)[], bundles: readonly (string | null)[]) => FleetView;

/**
 * Creates a reader that parses a text only if its last reading did not have it: an announcement is read every second,
 * and rarely changes. It skips announcements that this version cannot read (of a newer worker): it could not route to
 * those workers.
 */
export function createFleetReader(): FleetReader {
  let known = new Map<string, WorkerAnnouncement[]>();
  return (workers, bundles) => {
    const last = known;
    known = new Map();
    const read = (text: string | null) => {
      if (text === null) return [];
      const announcement = known.get(text) ?? last.get(text) ?? readAnnouncement(text);
      known.set(text, announcement);
      return announcement;
    };
    return { workers: workers.flatMap(read), bundles: bundles.flatMap(read) };
  };
}

function readAnnouncement(text: string): WorkerAnnouncement[] {
  try {
    const parsed = workerAnnouncementSchema.safeParse(JSON.parse(text));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}

/** The live workers of one bundle. */
export function workersOf(fleet: FleetView, key: string): WorkerAnnouncement[] {
  return fleet.workers.filter((worker) => bundleKey(worker.bundle) === key);
}
