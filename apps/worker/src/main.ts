import { availableParallelism, totalmem } from 'node:os';
import { bundleKey } from '@rerank-fleet/contract';
import { createWorkerMetrics, type WorkerMetrics } from '@rerank-fleet/metrics';
import {
  type Bundle,
  BundleError,
  loadBundle,
  readProcessor,
  switchOffTelemetry,
  tokenBudgetOf,
} from '@rerank-fleet/model-runtime';
import { findBundleFolder } from '@rerank-fleet/model-runtime/bundle-folder';
import {
  readContainerUsage,
  redisServer,
  runApp,
  startTracing,
  usableCores,
  type Logger,
  type Readiness,
  type RunningApp,
} from '@rerank-fleet/service-shell';
import { configSchema, type WorkerConfig } from './config';
import { startGpuWatch } from './gpu/watch';
import { footprintOf, planSessions } from './capacity/sessions';
import { pack } from './packing/pack-command';
import { shareWeights } from './packing/share-weights';
import { startWorker } from './worker';

/** Time after the drain for leaving the fleet, ending threads and closing the ops server. */
const shutdownMarginMs = 8_000;

async function start(config: WorkerConfig, { logger, shutdownSteps, openOps, abandon }: RunningApp): Promise<void> {
  switchOffTelemetry(process.env);
  const found = await findBundleFolder(config.MODELS_DIR, config.MODEL);
  if (!found.ok) throw new BundleError(found.message);
  const tracing = startTracing({ app: 'worker', env: process.env, logger });
  shutdownSteps.push(tracing.shutdownStep);
  const verified = await loadBundle(found.folder);
  const batchTokens = tokenBudgetOf(verified, config.PROVIDER);
  const processor = await readProcessor();
  const bundle = await shareWeights(verified, { config, processor, main: __filename, logger, shutdownSteps });
  const sessions = sessionsOf(config, bundle, logger);
  const metrics = metricsOf(bundle, config.PROVIDER, sessions);
  if (config.GPU_METRICS) {
    const { stop } = startGpuWatch({ metrics, logger, env: process.env });
    shutdownSteps.push({ name: 'end-gpu-watch', timeoutMs: 1_000, run: stop });
  }
  let readiness = notReadyFor('the model is loading');
  await openOps({ metrics, isReady: () => readiness() });
  await startWorker({
    config,
    redis: redisServer(config),
    sessions,
    batchTokens,
    bundle,
    processor,
    metrics,
    logger,
    tracing,
    directory: __dirname,
    shutdownSteps,
    onWarm: (isReady) => (readiness = isReady),
    onFatal: () => abandon('broken-thread'),
  });
}

function notReadyFor(reason: string): () => Readiness {
  return () => ({ ready: false, reasons: [reason] });
}

/** Uses the limits of the container or the machine. @throws BundleError if not even one session fits */
function sessionsOf(config: WorkerConfig, bundle: Bundle, logger: Logger): number {
  const { SESSIONS: wanted, PROVIDER: provider, PREPARED_QUERIES_MIB: preparedMib, ENCODER_THREADS: encoders } = config;
  const usage = readContainerUsage();
  const plan = planSessions({
    wanted,
    provider,
    cores: usableCores(availableParallelism(), usage),
    memoryLimitBytes: Math.min(totalmem(), usage?.memoryLimitBytes ?? Infinity),
    footprint: footprintOf(bundle, { preparedBytes: preparedMib * 2 ** 20, encoders }),
  });
  if (!plan.ok) throw new BundleError(`the bundle ${bundleKey(bundle.manifest)} ${plan.message}`);
  const { sessions, excess } = plan;
  if (excess !== undefined) logger.warn('the sessions may not fit into the memory', { sessions, ...excess });
  return sessions;
}

function metricsOf({ manifest }: Bundle, provider: string, sessions: number): WorkerMetrics {
  return createWorkerMetrics({
    model: manifest.name,
    queue: bundleKey(manifest),
    provider,
    revision: manifest.revision,
    dtype: manifest.dtype,
    sessions,
    container: readContainerUsage,
  });
}

runApp({
  name: 'worker',
  schema: configSchema,
  shutdownLimitMs: (config) => config.DRAIN_LIMIT_MS + shutdownMarginMs,
  start,
  commands: { pack },
  plainErrors: [BundleError],
});
