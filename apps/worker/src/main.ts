import { availableParallelism, totalmem } from 'node:os';
import { bundleKey } from '@rerank-fleet/contract';
import { createWorkerMetrics, type WorkerMetrics } from '@rerank-fleet/metrics';
import { type Bundle, BundleError, loadBundle, switchOffTelemetry, tokenBudgetOf } from '@rerank-fleet/model-runtime';
import { findBundleFolder } from '@rerank-fleet/model-runtime/bundle-folder';
import {
  createLifecycle,
  createLogger,
  describeConfig,
  failureLine,
  parseConfig,
  readContainerUsage,
  redisServer,
  startOpsServer,
  startTracing,
  usableCores,
  type Logger,
  type Readiness,
  type RedisServer,
  type ShutdownStep,
} from '@rerank-fleet/service-shell';
import { configSchema, type WorkerConfig } from './config';
import { startGpuWatch } from './gpu/watch';
import { footprintOf, planSessions } from './capacity/sessions';
import { startWorker } from './worker';

/** Beyond the drain itself: leaving the fleet, ending threads, closing the ops server. */
const shutdownMarginMs = 8_000;

async function main(): Promise<void> {
  if (process.argv.includes('--print-reference')) {
    process.stdout.write(`${JSON.stringify({ app: 'worker', configuration: describeConfig(configSchema) })}\n`);
    return;
  }
  switchOffTelemetry(process.env);
  const config = parseConfig(configSchema, process.env);
  const found = await findBundleFolder(config.MODELS_DIR, config.MODEL);
  if (!found.ok) return fail(found.message);
  await run(config, { folder: found.folder, redis: redisServer(config) });
}

async function run(config: WorkerConfig, { folder, redis }: { folder: string; redis: RedisServer }): Promise<void> {
  const logger = createLogger({ app: 'worker', level: config.LOG_LEVEL });
  const steps: ShutdownStep[] = [];
  let broken = false;
  const lifecycle = createLifecycle({
    logger,
    steps,
    forceAfterMs: config.DRAIN_LIMIT_MS + shutdownMarginMs,
    exit: (code) => process.exit(broken ? 1 : code),
  });
  const tracing = startTracing({ app: 'worker', env: process.env, logger });
  const bundle = await loadBundle(folder);
  const batchTokens = tokenBudgetOf(bundle, config.PROVIDER);
  const sessions = sessionsOf(config, bundle, logger);
  const metrics = metricsOf(bundle, config.PROVIDER, sessions);
  if (config.GPU_METRICS) {
    const { stop } = startGpuWatch({ metrics, logger, env: process.env });
    steps.push({ name: 'end-gpu-watch', timeoutMs: 1_000, run: async () => stop() });
  }
  let readiness = notReadyFor('the model is loading');
  const ops = await startOpsServer({
    host: config.OPS_HOST,
    port: config.OPS_PORT,
    portFallback: true,
    metrics,
    isReady: () => readiness(),
    logger,
  });
  logger.info('listening', { opsUrl: ops.url, fellBack: ops.fellBack });
  steps.push({ name: 'close-ops-server', timeoutMs: 1_000, run: ops.close }, tracing.shutdownStep);
  await startWorker({
    config,
    redis,
    sessions,
    batchTokens,
    bundle,
    metrics,
    logger,
    tracing,
    directory: __dirname,
    shutdownSteps: steps,
    onWarm: (isReady) => (readiness = isReady),
    onFatal() {
      broken = true;
      void lifecycle.shutdown('broken-thread');
    },
  });
  lifecycle.markReady();
}

function notReadyFor(reason: string): () => Readiness {
  return () => ({ ready: false, reasons: [reason] });
}

/** By the limits of the container, or of the machine. @throws BundleError where not even one session has room */
function sessionsOf(config: WorkerConfig, { manifest }: Bundle, logger: Logger): number {
  const { SESSIONS: wanted, PROVIDER: provider, PREPARED_QUERIES_MIB: preparedMib } = config;
  const usage = readContainerUsage();
  const plan = planSessions({
    wanted,
    provider,
    cores: usableCores(availableParallelism(), usage),
    memoryLimitBytes: Math.min(totalmem(), usage?.memoryLimitBytes ?? Infinity),
    footprint: footprintOf(manifest, preparedMib * 2 ** 20),
  });
  if (!plan.ok) throw new BundleError(`the bundle ${bundleKey(manifest)} ${plan.message}`);
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

/** One line for the person who started this. */
function fail(message: string): void {
  process.stderr.write(`worker: ${message}\n`);
  process.exit(1);
}

main().catch((error: unknown) => {
  return fail(error instanceof BundleError ? error.message : failureLine(error, 'could not start'));
});
