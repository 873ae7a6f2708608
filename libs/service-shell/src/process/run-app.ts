import type { Exposition } from '@rerank-fleet/metrics';
import type { z } from 'zod';
import { describeConfig, parseConfig } from '../config/config';
import { startOpsServer, type Readiness } from '../http/ops-server';
import { createLogger, type Logger, type LogLevel } from '../logging/logger';
import { failureLine } from './failure-line';
import { createLifecycle, type ShutdownStep } from './lifecycle';

/** The variables that every app has. */
interface SharedConfig {
  LOG_LEVEL: LogLevel;
  OPS_HOST: string;
  OPS_PORT: number;
}

/** One program of a fleet. */
export interface App<Config extends SharedConfig> {
  name: string;
  schema: z.ZodType<Config>;
  /** What the generated reference pages contain about the app, besides its configuration. */
  reference?(): object;
  /** Limit of the whole shutdown. After it the process exits with 1. */
  shutdownLimitMs(config: Config): number;
  /** Starts the app. After it resolves, the app runs until a signal. */
  start(config: Config, running: RunningApp): Promise<void>;
  /** Functions that run instead of the app if its first argument is their name. They get the further arguments. */
  commands?: Readonly<Record<string, (args: readonly string[]) => Promise<void>>>;
  /** Errors whose message is written for the operator. */
  plainErrors?: readonly (abstract new (...args: never[]) => Error)[];
}

/** What an app gets for its start. */
export interface RunningApp {
  logger: Logger;
  /** The shutdown steps, in order. The app adds steps while it starts, because a signal may arrive then. */
  shutdownSteps: ShutdownStep[];
  /** Opens the ops server and logs the address of the app. */
  openOps(ops: { metrics: Exposition; isReady(): Readiness; url?: string }): Promise<void>;
  /** Shuts down with exit code 1. @param reason an identifier for the log, without spaces */
  abandon(reason: string): void;
}

/** The main function of an app. With `--print-reference` it prints its reference. A failure is one line and code 1. */
export function runApp<Config extends SharedConfig>(app: App<Config>): void {
  const [first = '', ...args] = process.argv.slice(2);
  const command = app.commands?.[first];
  const work = first === '--print-reference' ? printReference(app) : command ? command(args) : run(app);
  work.catch((error: unknown) => {
    const isPlain = app.plainErrors?.some((kind) => error instanceof kind);
    const line = isPlain ? (error as Error).message : failureLine(error, command ? undefined : 'could not start');
    process.stderr.write(`${app.name}: ${line}\n`);
    process.exit(1);
  });
}

async function printReference<Config extends SharedConfig>({ name, schema, reference }: App<Config>): Promise<void> {
  const description = { app: name, configuration: describeConfig(schema), ...reference?.() };
  process.stdout.write(`${JSON.stringify(description)}\n`);
}

async function run<Config extends SharedConfig>(app: App<Config>): Promise<void> {
  const config = parseConfig(app.schema, process.env);
  const logger = createLogger({ app: app.name, level: config.LOG_LEVEL });
  const shutdownSteps: ShutdownStep[] = [];
  let isAbandoned = false;
  const lifecycle = createLifecycle({
    logger,
    steps: shutdownSteps,
    forceAfterMs: app.shutdownLimitMs(config),
    exit: (code) => process.exit(isAbandoned ? 1 : code),
  });
  await app.start(config, {
    logger,
    shutdownSteps,
    async openOps({ metrics, isReady, url }) {
      const address = { host: config.OPS_HOST, port: config.OPS_PORT, portFallback: true };
      const ops = await startOpsServer({ ...address, metrics, isReady, logger });
      shutdownSteps.push({ name: 'close-ops-server', timeoutMs: 1_000, run: ops.close });
      logger.info('listening', { ...(url !== undefined && { url }), opsUrl: ops.url, fellBack: ops.fellBack });
    },
    abandon(reason) {
      isAbandoned = true;
      void lifecycle.shutdown(reason);
    },
  });
  lifecycle.markReady();
}
