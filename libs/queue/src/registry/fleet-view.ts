import { bundleKey, workerAnnouncementSchema, type WorkerAnnouncement } from '@rerank-fleet/contract';

/** What the registry said at the last heartbeat that Redis answered. */
export interface FleetView {
  /** Live workers. */
  workers: WorkerAnnouncement[];
  /** The last announcement of each bundle that had a worker within 24 hours, live or not. */
  bundles: WorkerAnnouncement[];
}

export const emptyFleet: FleetView = { workers: [], bundles: [] };

/** Announcements that this version cannot read (a newer worker's) are left out: it could not route to them either. */
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

/** Live workers of one bundle. */
export function workersOf(fleet: FleetView, key: string): WorkerAnnouncement[] {
  return fleet.workers.filter((worker) => bundleKey(worker.bundle) === key);
}
