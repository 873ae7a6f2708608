import { createGatewayMetrics, type GatewayMetrics } from '@rerank-fleet/metrics';
import {
  closeServer,
  createLifecycle,
  createLogger,
  describeConfig,
  failureLine,
  listen,
  logOncePer,
  readContainerUsage,
  startOpsServer,
  startTracing,
  type Logger,
  type ShutdownStep,
  type Tracing,
} from '@rerank-fleet/service-shell';
import { createApp, type AppOptions } from './app';
import { findSwaggerFolder } from './pages/docs';
import { gatewayConfigSchema, parseConfig, type GatewayConfig } from './config';
import { readinessOf } from './rank/edge';
import { endpointDeclarations } from './rank/endpoints';
import { statusOf } from './http/failure';
import { createHeldBytes } from './http/held-bytes';
import { openApiDocument } from './openapi/openapi';
import { readPlayground } from './pages/playground';
import { defaultCapacity } from './rank/capacity';
import { openQueueFleet, type QueueFleet } from './rank/queue-fleet';
import { createServer } from './http/server';
import { createRefusalAnswer } from './rank/refusals';

/** Beyond the drain itself: closing the queue's connections and the ops server. */
const shutdownMarginMs = 2_000;
/** For the answers that tell callers at the end of a drain to ask again. */
const drainAnswerMs = 500;
const outageLogMs = 10_000;
const announceIntervalMs = 1_000;

async function main(): Promise<void> {
  if (process.argv.includes('--print-reference')) return printReference();
  await run(parseConfig(process.env));
}

/** What the generated pages of docs/reference are made from. */
function printReference(): void {
  const configuration = describeConfig(gatewayConfigSchema);
  const reference = { app: 'gateway', configuration, statusOf, openapi: openApiDocument(parseConfig({}).edge) };
  process.stdout.write(`${JSON.stringify(reference)}\n`);
}

async function run(config: GatewayConfig): Promise<void> {
  const logger = createLogger({ app: 'gateway', level: config.logLevel });
  const steps: ShutdownStep[] = [];
  const lifecycle = createLifecycle({ logger, steps, forceAfterMs: config.drainLimitMs + shutdownMarginMs });
  const heldBytes = createHeldBytes(config.edge.maxHeldBytes);
  const metrics = createGatewayMetrics({ endpoints: endpointDeclarations, container: readContainerUsage, heldBytes });
  const tracing = startTracing({ app: 'gateway', env: process.env, logger });
  const fleet = await openFleet(config, { logger, tracing, metrics });
  const stopAnnouncing = announceModels(fleet, metrics.announceModel);
  let draining = false;
  const app = createApp({
    config: config.edge,
    fleet,
    metrics,
    logger,
    tracing,
    heldBytes,
    isDraining: () => draining,
    ...findPages(),
  });
  const server = createServer(app, config.edge, createRefusalAnswer(metrics));
  const main = await listen(server, { host: config.host, port: config.port, fallback: false });
  const ops = await startOpsServer({
    host: config.opsHost,
    port: config.opsPort,
    portFallback: true,
    metrics,
    isReady: () => readinessOf({ fleet, isDraining: () => draining }),
    logger,
  });
  steps.push(
    {
      name: 'finish-requests',
      timeoutMs: config.drainLimitMs + 2 * drainAnswerMs,
      async run() {
        draining = true;
        const late = setTimeout(() => {
          logger.warn('requests were refused at the end of the drain', { requests: fleet.refuseWaiting() });
        }, config.drainLimitMs);
        await closeServer(server, config.drainLimitMs + drainAnswerMs);
        clearTimeout(late);
      },
    },
    { name: 'close-queue', timeoutMs: 1_000, run: () => closeQueue(fleet, stopAnnouncing) },
    { name: 'close-ops-server', timeoutMs: 1_000, run: ops.close },
    tracing.shutdownStep,
  );
  logger.info('listening', { url: main.url, opsUrl: ops.url, fellBack: ops.fellBack });
  lifecycle.markReady();
}

function findPages(): Pick<AppOptions, 'playground' | 'swaggerFolder'> {
  return { playground: readPlayground(__dirname), swaggerFolder: findSwaggerFolder(__dirname) };
}

async function closeQueue(fleet: QueueFleet, stopAnnouncing: () => void): Promise<void> {
  stopAnnouncing();
  await fleet.close();
}

interface FleetSurroundings {
  logger: Logger;
  tracing: Tracing;
  metrics: GatewayMetrics;
}

function openFleet(config: GatewayConfig, { logger, tracing, metrics }: FleetSurroundings): Promise<QueueFleet> {
  const logOutage = logOncePer(outageLogMs, { write: logger.warn });
  return openQueueFleet({
    redis: config.redis,
    redisPrefix: config.redisPrefix,
    capacity: { ...defaultCapacity, backlogBytes: config.maxBacklogBytes },
    modelAliases: config.edge.modelAliases,
    tracing,
    onError: (role, error) => logOutage('Redis is away or refused a command', { role, error }),
    onUnreadableOutcome: () => logOutage('an outcome that names no request was skipped'),
    onTrouble: metrics.redisTrouble,
  });
}

/** The series of a bundle exist from the moment that a worker announces it. */
function announceModels(fleet: QueueFleet, announce: (name: string) => void): () => void {
  const timer = setInterval(() => fleet.models().forEach((model) => announce(model.name)), announceIntervalMs);
  fleet.models().forEach((model) => announce(model.name));
  return () => clearInterval(timer);
}

main().catch((error: unknown) => {
  process.stderr.write(`gateway: ${failureLine(error, 'could not start')}\n`);
  process.exit(1);
});
