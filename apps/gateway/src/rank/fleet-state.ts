import { bundleKey } from '@rerank-fleet/contract';
import { workersOf, type FleetLoad, type FleetView, type GatewayQueue } from '@rerank-fleet/queue';
import type { BundleState, FleetState, ModelView } from './fleet';
import { backlogLimit, fleetTokensPerSecond, type CapacityConfig } from './capacity';

/** How long {@link createFleetStateReader} caches its result: Redis is read at most once per this time. */
const loadCacheMs = 1_000;

const noLoad: FleetLoad = { gateways: 0, bytes: 0, tokens: new Map() };

/** Each live bundle once, merged over its workers. */
export function modelViews(view: FleetView): ModelView[] {
  const byBundle = new Map<string, ModelView>();
  for (const { workerId: _workerId, bundle, ...worker } of view.workers) {
    const key = bundleKey(bundle);
    const known = byBundle.get(key);
    if (known) known.workers++;
    else byBundle.set(key, { ...worker, name: bundle.name, version: bundle.version, workers: 1 });
  }
  for (const [key, model] of byBundle) {
    const speed = fleetTokensPerSecond(workersOf(view, key));
    if (speed !== undefined) model.tokensPerSecond = speed;
  }
  return [...byBundle.values()];
}

/** Reads the backlog of the fleet. While Redis is away, it returns the last known one. */
export function createFleetStateReader(
  queue: Pick<GatewayQueue, 'fleet' | 'load'>,
  capacity: CapacityConfig,
): () => Promise<FleetState> {
  let load = noLoad;
  let readAtMs = -Infinity;
  let reading: Promise<void> | undefined;
  const refresh = async () => {
    const fresh = await queue.load(queue.fleet().bundles.map(({ bundle }) => bundleKey(bundle))).catch(() => undefined);
    load = fresh ?? load;
    readAtMs = performance.now();
  };
  return async () => {
    if (performance.now() - readAtMs >= loadCacheMs) reading ??= refresh().finally(() => (reading = undefined));
    await reading;
    return { gateways: load.gateways, queuedBytes: load.bytes, bundles: bundleStates(queue.fleet(), load, capacity) };
  };
}

/** Every bundle that had a worker within 24 hours, live or not. */
function bundleStates(view: FleetView, load: FleetLoad, capacity: CapacityConfig): BundleState[] {
  const live = new Map(modelViews(view).map((model) => [bundleKey(model), model]));
  return view.bundles.map(({ workerId: _workerId, bundle, tokensPerSecond: _speed, ...last }) => {
    const key = bundleKey(bundle);
    const workers = workersOf(view, key);
    return {
      ...(live.get(key) ?? { ...last, name: bundle.name, version: bundle.version, workers: 0 }),
      sessions: workers.reduce((sum, worker) => sum + worker.sessions, 0),
      queuedTokens: load.tokens.get(key) ?? 0,
      limitTokens: backlogLimit(capacity, workers).tokens,
    };
  });
}
