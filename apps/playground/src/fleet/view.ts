import type { CallFailure } from '../ranking/failure';
import type { FleetState } from '../ranking/fleet';

/** What the page knows of the fleet. */
export type FleetView =
  | { kind: 'waiting' }
  | { kind: 'known'; fleet: FleetState }
  /** The last call failed; what was known before stays. */
  | { kind: 'unreachable'; fleet: FleetState | undefined }
  /** The gateway wants a key for it, or is older than this route. */
  | { kind: 'locked' | 'absent' };

/**
 * The view after a call.
 *
 * @param fleet of the last call that succeeded
 * @param failure of the last call, when it failed
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

/** The fleet in a word; those below the first two say what keeps it from ranking. */
export type FleetHealth = 'ready' | 'busy' | 'redisAway' | 'noWorker' | 'noModels';

/** From this share of what admission lets in on, a model is busy: refusals are near. */
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

/** Which models are live: changes when the list of models has to be read again. */
export function liveModels(view: FleetView): string {
  const models = lastKnown(view)?.models ?? [];
  return models
    .filter(({ workers }) => workers > 0)
    .map(({ queue }) => queue)
    .sort()
    .join(' ');
}

/** Seconds until all that waits now is done: the slowest model's. Null when one does not say. */
export function drainSeconds({ models }: FleetState): number | null {
  const waiting = models.filter(({ queuedTokens }) => queuedTokens > 0).map((model) => model.drainSeconds);
  return waiting.includes(null) ? null : Math.max(0, ...waiting.map(Number));
}
