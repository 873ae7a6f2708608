import { bundleKey, type BundleRef, type WorkerAnnouncement, type Result } from '@rerank-fleet/contract';
import { workersOf, type FleetView } from '@rerank-fleet/queue';
import { findByName, isDefaultName, type ModelAliases, type Named, noSuchModelMessage } from '../dialects/model-name';

export type BundleChoice = Result<{ bundle: BundleRef; workers: WorkerAnnouncement[] }>;

/** How long a new worker takes to load a bundle and announce itself. */
const workerStartS = 5;

/** The bundle for a request, and its live workers. Chosen once per request, so a ranking never mixes two bundles. */
export function chooseBundle(
  fleet: FleetView,
  model: string | undefined,
  aliases: ModelAliases = new Map(),
): BundleChoice {
  const pick = (from: readonly WorkerAnnouncement[]) => findByName(from, model, { named, aliases });
  const live = pick(fleet.workers);
  if (live) return { ok: true, bundle: live.bundle, workers: workersOf(fleet, bundleKey(live.bundle)) };
  if (fleet.bundles.length === 0) return noWorker('No worker has announced a model yet.');
  const known = pick(fleet.bundles);
  if (known) return noWorker(`No worker serves ${known.bundle.name} at the moment.`);
  const names = [...new Set(fleet.bundles.map((one) => one.bundle.name))].sort();
  const message = isDefaultName(model ?? '')
    ? `This fleet has no default model. Name one of: ${names.join(', ')}.`
    : noSuchModelMessage(names);
  return { ok: false, failure: { code: 'model_not_found', field: 'model', message } };
}

function noWorker(message: string): BundleChoice {
  return { ok: false, failure: { code: 'no_worker', message, retryAfterS: workerStartS } };
}

function named({ bundle, aliases, isDefault }: WorkerAnnouncement): Named {
  return { ...bundle, aliases, isDefault };
}
