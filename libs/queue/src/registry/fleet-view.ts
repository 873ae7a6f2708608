import { bundleKey, workerAnnouncementSchema, type WorkerAnnouncement } from '@rerank-fleet/contract';

/** The registry as of the last heartbeat that Redis answered. */
export interface FleetView {
  /** Live workers. */
  workers: WorkerAnnouncement[];
  /** The last announcement of each bundle that had a worker within 24 hours, live or not. */
  bundles: WorkerAnnouncement[];
}

export const emptyFleet: FleetView = { workers: [], bundles: [] };

/** Skips announcements that this version cannot read (of a newer worker): it could not route to those workers. */
export function readFleet(workers: readonly (string | null)[], bundles: readonly (string | null)[]): FleetView {
  return { workers: workers.flatMap(readAnnouncement), bundles: bundles.flatMap(readAnnouncement) };
}

function readAnnouncement(text: string | null): WorkerAnnouncement[] {
  if (text === null) return [];
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
