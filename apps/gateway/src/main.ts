import { createGatewayMetrics, type GatewayMetrics } from '@rerank-fleet/metrics';
import {
  closeServer,
  listen,
  logOncePer,
  parseConfig,
  readContainerUsage,
  redisServer,
  runApp,
  startTracing,
  type Logger,
  type RunningApp,
  type Tracing,
} from '@rerank-fleet/service-shell';
import { createApp, type AppOptions } from './app';
import { findSwaggerFolder } from './pages/docs';
import type { ModelAliases } from './dialects/model-name';
import { configSchema, edgeConfig, type GatewayConfig } from './config';
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

/** Time after the drain for closing the queue's connections and the ops server. */
const shutdownMarginMs = 2_000;
/** Time to send the answers at the end of a drain. */
const drainAnswerMs = 500;
const outageLogMs = 10_000;
const announceIntervalMs = 1_000;

async function start(config: GatewayConfig, { logger, shutdownSteps, openOps }: RunningApp): Promise<void> {
  const edge = edgeConfig(config);
  const heldBytes = createHeldBytes(edge.maxHeldBytes);
  const metrics = createGatewayMetrics({ endpoints: endpointDeclarations, container: readContainerUsage, heldBytes });
  const tracing = startTracing({ app: 'gateway', env: process.env, logger });
  const fleet = await openFleet(config, { logger, tracing, metrics, modelAliases: edge.modelAliases });
  const stopAnnouncing = announceModels(fleet, metrics.announceModel);
  let draining = false;
  const isDraining = () => draining;
  const app = createApp({ config: edge, fleet, metrics, logger, tracing, heldBytes, isDraining, ...findPages() });
  const server = createServer(app, edge, createRefusalAnswer(metrics));
  const { url } = await listen(server, { host: config.HOST, port: config.PORT, fallback: false });
  const drainLimitMs = config.DRAIN_LIMIT_MS;
  shutdownSteps.push(
    {
      name: 'finish-requests',
      timeoutMs: drainLimitMs + 2 * drainAnswerMs,
      async run() {
        draining = true;
        const late = setTimeout(() => {
          logger.warn('requests were refused at the end of the drain', { requests: fleet.refuseWaiting() });
        }, drainLimitMs);
        await closeServer(server, drainLimitMs + drainAnswerMs);
        clearTimeout(late);
      },
    },
    { name: 'close-queue', timeoutMs: 1_000, run: () => closeQueue(fleet, stopAnnouncing) },
    tracing.shutdownStep,
  );
  await openOps({ metrics, isReady: () => readinessOf({ fleet, isDraining }), url });
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
  modelAliases: ModelAliases;
}

function openFleet(config: GatewayConfig, surroundings: FleetSurroundings): Promise<QueueFleet> {
  const { logger, tracing, metrics, modelAliases } = surroundings;
  const logOutage = logOncePer(outageLogMs, { write: logger.warn });
  return openQueueFleet({
    redis: redisServer(config),
    redisPrefix: config.REDIS_PREFIX,
    capacity: { ...defaultCapacity, backlogBytes: config.MAX_BACKLOG_BYTES },
    modelAliases,
    tracing,
    onError: (role, error) => logOutage('Redis is away or refused a command', { role, error }),
    onUnreadableOutcome: () => logOutage('an outcome that names no request was skipped'),
    onTrouble: metrics.redisTrouble,
  });
}

/** Creates the series of a bundle when a worker first announces it. */
function announceModels(fleet: QueueFleet, announce: (name: string) => void): () => void {
  const timer = setInterval(() => fleet.models().forEach((model) => announce(model.name)), announceIntervalMs);
  fleet.models().forEach((model) => announce(model.name));
  return () => clearInterval(timer);
}

runApp({
  name: 'gateway',
  schema: configSchema,
  reference: () => ({ statusOf, openapi: openApiDocument(edgeConfig(parseConfig(configSchema, {}))) }),
  shutdownLimitMs: (config) => config.DRAIN_LIMIT_MS + shutdownMarginMs,
  start,
});
