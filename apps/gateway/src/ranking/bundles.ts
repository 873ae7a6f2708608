import { bundleKey, type BundleRef, type Failure, type WorkerAnnouncement } from '@rerank-fleet/contract';
import { workersOf, type FleetView } from '@rerank-fleet/queue';

export type BundleChoice =
  { ok: true; bundle: BundleRef; workers: WorkerAnnouncement[] } | { ok: false; failure: Failure };

/** How long a new worker takes to load a bundle and announce itself. */
const workerStartS = 5;

/**
 * The bundle that answers a request: without a name the default one, else by its name, `name@version`, an alias, or
 * the part after the last `/`. Of several versions the newest that is alive. Chosen once per request.
 */
export function chooseBundle(fleet: FleetView, model: string | undefined): BundleChoice {
  const live = pick(fleet.workers, model);
  if (live) return { ok: true, bundle: live.bundle, workers: workersOf(fleet, bundleKey(live.bundle)) };
  if (fleet.bundles.length === 0) return noWorker('No worker has announced a model yet.');
  const known = pick(fleet.bundles, model);
  if (known) return noWorker(`No worker serves ${known.bundle.name} at the moment.`);
  const names = [...new Set(fleet.bundles.map((one) => one.bundle.name))].sort();
  const message = isDefault(model)
    ? `This fleet has no default model. Name one of these: ${names.join(', ')}.`
    : `No such model. These are served: ${names.join(', ')}.`;
  return { ok: false, failure: { code: 'model_not_found', field: 'model', message } };
}

function noWorker(message: string): BundleChoice {
  return { ok: false, failure: { code: 'no_worker', message, retryAfterS: workerStartS } };
}

function isDefault(model: string | undefined): boolean {
  return model === undefined || model === '' || model === 'default';
}

function pick(from: readonly WorkerAnnouncement[], model: string | undefined): WorkerAnnouncement | undefined {
  if (isDefault(model)) return newest(from.filter((one) => one.isDefault));
  const name = model as string;
  const matches = (wanted: string) =>
    newest(from.filter((one) => one.bundle.name === wanted || bundleKey(one.bundle) === wanted)) ??
    newest(from.filter((one) => one.aliases.includes(wanted)));
  return matches(name) ?? (name.includes('/') ? matches(name.slice(name.lastIndexOf('/') + 1)) : undefined);
}

function newest(candidates: readonly WorkerAnnouncement[]): WorkerAnnouncement | undefined {
  return [...candidates].sort((a, b) => b.bundle.version.localeCompare(a.bundle.version, 'en', { numeric: true }))[0];
}
