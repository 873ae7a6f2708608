import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createQueueBoardMetrics } from '@rerank-fleet/metrics';
import { openQueueObserver } from '@rerank-fleet/queue';
import {
  closeServer,
  listen,
  logOncePer,
  readContainerUsage,
  redisServer,
  runApp,
  type RunningApp,
} from '@rerank-fleet/service-shell';
import { createBoardServer } from './app';
import { createBoard } from './board';
import { configSchema, type QueueBoardConfig } from './config';
import { startExporter } from './exporter';

/** Time in addition to the drain, to close the connection to Redis and the ops server. */
const shutdownMarginMs = 2_000;
const outageLogMs = 10_000;

async function start(config: QueueBoardConfig, { logger, shutdownSteps, openOps }: RunningApp): Promise<void> {
  const metrics = createQueueBoardMetrics({ container: readContainerUsage });
  const logOutage = logOncePer(outageLogMs, { write: logger.warn });
  const onError = (role: string, error: Error) => logOutage('Redis is away or refused a command', { role, error });
  const observer = openQueueObserver({
    redis: redisServer(config),
    prefix: config.REDIS_PREFIX,
    onError,
  });
  const isWritable = config.BOARD_WRITABLE;
  // an open page sends a request every few seconds
  const boardLogger = { error: logOncePer(outageLogMs, { write: logger.error }) };
  const board = createBoard({ observer, isWritable, logger: boardLogger, uiFolder: findUiFolder() });
  const exporter = startExporter({
    observer,
    metrics,
    pollMs: config.POLL_MS,
    onQueues: board.show,
    onError: (error) => onError('exporter', error),
  });
  const { BOARD_PASSWORD: password, BOARD_SECURE_COOKIE: secureCookie, BOARD_TRUSTED_PROXIES: trustedProxies } = config;
  const server = createBoardServer({ board, isWritable, password, secureCookie, trustedProxies, logger: boardLogger });
  const main = await listen(server, { host: config.HOST, port: config.PORT, fallback: false });
  shutdownSteps.push(
    { name: 'close-board', timeoutMs: config.DRAIN_LIMIT_MS, run: () => closeServer(server, config.DRAIN_LIMIT_MS) },
    { name: 'stop-exporter', timeoutMs: 100, run: exporter.stop },
    { name: 'close-queues', timeoutMs: 1_000, run: observer.close },
  );
  const isReady = () => ({ ready: exporter.isUp(), reasons: exporter.isUp() ? [] : ['Redis does not answer'] });
  await openOps({ metrics, isReady, url: main.url });
}

/** In a build, the files of the page are next to this file; in the sources, they are in their package. */
function findUiFolder(): string {
  const beside = join(__dirname, 'bull-board-ui');
  return existsSync(beside) ? beside : dirname(require.resolve('@bull-board/ui/package.json'));
}

runApp({
  name: 'queue-board',
  schema: configSchema,
  shutdownLimitMs: (config) => config.DRAIN_LIMIT_MS + shutdownMarginMs,
  start,
});
