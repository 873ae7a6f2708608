import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createQueueBoardMetrics } from '@rerank-fleet/metrics';
import { openQueueObserver } from '@rerank-fleet/queue';
import {
  closeServer,
  createLifecycle,
  createLogger,
  describeConfig,
  failureLine,
  listen,
  logOncePer,
  parseConfig,
  readContainerUsage,
  redisServer,
  startOpsServer,
  type ShutdownStep,
} from '@rerank-fleet/service-shell';
import { createBoardServer } from './app';
import { createBoard } from './board';
import { configSchema, type QueueBoardConfig } from './config';
import { startExporter } from './exporter';

/** Beyond the drain itself: closing the connection to Redis and the ops server. */
const shutdownMarginMs = 2_000;
const outageLogMs = 10_000;

async function main(): Promise<void> {
  if (process.argv.includes('--print-reference')) {
    process.stdout.write(`${JSON.stringify({ app: 'queue-board', configuration: describeConfig(configSchema) })}\n`);
    return;
  }
  await run(parseConfig(configSchema, process.env));
}

async function run(config: QueueBoardConfig): Promise<void> {
  const logger = createLogger({ app: 'queue-board', level: config.LOG_LEVEL });
  const steps: ShutdownStep[] = [];
  const lifecycle = createLifecycle({ logger, steps, forceAfterMs: config.DRAIN_LIMIT_MS + shutdownMarginMs });
  const metrics = createQueueBoardMetrics({ container: readContainerUsage });
  const logOutage = logOncePer(outageLogMs, { write: logger.warn });
  const onError = (role: string, error: Error) => logOutage('Redis is away or refused a command', { role, error });
  const observer = openQueueObserver({
    redis: redisServer(config),
    prefix: config.REDIS_PREFIX,
    onError,
  });
  const isWritable = config.BOARD_WRITABLE;
  // an open page asks every few seconds
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
  const isReady = () => ({ ready: exporter.isUp(), reasons: exporter.isUp() ? [] : ['Redis does not answer'] });
  const ops = await startOpsServer({
    host: config.OPS_HOST,
    port: config.OPS_PORT,
    portFallback: true,
    metrics,
    isReady,
    logger,
  });
  steps.push(
    { name: 'close-board', timeoutMs: config.DRAIN_LIMIT_MS, run: () => closeServer(server, config.DRAIN_LIMIT_MS) },
    { name: 'stop-exporter', timeoutMs: 100, run: exporter.stop },
    { name: 'close-queues', timeoutMs: 1_000, run: observer.close },
    { name: 'close-ops-server', timeoutMs: 1_000, run: ops.close },
  );
  logger.info('listening', { url: main.url, opsUrl: ops.url, fellBack: ops.fellBack });
  lifecycle.markReady();
}

/** The build puts the page's files beside this one; in the sources they are in their package. */
function findUiFolder(): string {
  const beside = join(__dirname, 'bull-board-ui');
  return existsSync(beside) ? beside : dirname(require.resolve('@bull-board/ui/package.json'));
}

main().catch((error: unknown) => {
  process.stderr.write(`queue-board: ${failureLine(error, 'could not start')}\n`);
  process.exit(1);
});
