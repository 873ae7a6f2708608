import type { CallFailure } from '../ranking/failure';
import type { FleetState } from '../ranking/fleet';

/** The page's knowledge of the fleet. */
export type FleetView =
  | { kind: 'waiting' }
  | { kind: 'known'; fleet: FleetState }
  /** The last call failed. The last known state stays. */
  | { kind: 'unreachable'; fleet: FleetState | undefined }
  /** The gateway requires a key, or is too old to have this route. */
  | { kind: 'locked' | 'absent' };

/**
 * The view after a call.
 *
 * @param fleet result of the last successful call
 * @param failure of the last call, if it failed
 */
export function viewOf(fleet: FleetState | undefined, failure: CallFailure | null): FleetView {
  switch (failure?.kind) {
    case undefined:
      return fleet ? { kind: 'known', fleet } : { kind: 'waiting' };
    case 'unauthorized':
      return { kind: 'locked' };
    case 'not_found':
      return { kind: 'absent' };
    default:
      return { kind: 'unreachable', fleet };
  }
}

export function lastKnown(view: FleetView): FleetState | undefined {
  return view.kind === 'known' || view.kind === 'unreachable' ? view.fleet : undefined;
}

/** The health of the fleet. All values except the first two are reasons why it cannot rank. */
export type FleetHealth = 'ready' | 'busy' | 'redisAway' | 'noWorker' | 'noModels';

/** Share of the admission limit from which a model counts as busy: refusals may follow. */
const busyShare = 0.8;

export function healthOf({ redis, workers, models }: FleetState): FleetHealth {
  if (redis === 'away') return 'redisAway';
  if (models.length === 0) return 'noModels';
  const defaults = models.filter(({ isDefault }) => isDefault);
  const isDefaultServed = defaults.length === 0 || defaults.some((model) => model.workers > 0);
  if (workers === 0 || !isDefaultServed) return 'noWorker';
  const isBusy = models.some(({ queuedTokens, limitTokens }) => queuedTokens >= busyShare * limitTokens);
  return isBusy ? 'busy' : 'ready';
}

/** A key of the live models. When it changes, the list of models must be read again. */
export function liveModels(view: FleetView): string {
  const models = lastKnown(view)?.models ?? [];
  return models
    .filter(({ workers }) => workers > 0)
    .map(({ queue }) => queue)
    .sort()
    .join(' ');
}

/** Seconds until the current backlog is done, by the slowest model. Null if a model has no estimate. */
export function drainSeconds({ models }: FleetState): number | null {
  const waiting = models.filter(({ queuedTokens }) => queuedTokens > 0).map((model) => model.drainSeconds);
  return waiting.includes(null) ? null : Math.max(0, ...waiting.map(Number));
}
