import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createQualityProbeMetrics } from '@rerank-fleet/metrics';
import {
  createLifecycle,
  createLogger,
  describeConfig,
  failureLine,
  parseConfig,
  readContainerUsage,
  startOpsServer,
  type ShutdownStep,
} from '@rerank-fleet/service-shell';
import { configSchema, type QualityProbeConfig } from './config';
import { createGatewayClient } from './gateway-client';
import { GoldenFileError, readGoldenSet } from './golden-set';
import { measureBaselines } from './measure-baselines';
import { startProbe } from './probe';
import type { Clock } from './round';

const shutdownLimitMs = 3_000;

const clock: Clock = {
  nowMs: () => performance.now(),
  sleep: (delayMs, signal) => delay(delayMs, undefined, { signal }).catch(() => undefined),
};

async function main(args: string[]): Promise<void> {
  if (args.includes('--print-reference')) {
    process.stdout.write(`${JSON.stringify({ app: 'quality-probe', configuration: describeConfig(configSchema) })}\n`);
    return;
  }
  if (args[0] === 'baseline') {
    const url = args[args.indexOf('--url') + 1];
    if (args[1] !== '--url' || url === undefined) throw new Error('usage: baseline --url <gateway>');
    const config = parseConfig(configSchema, { ...process.env, GATEWAY_URL: url });
    const folder = config.GOLDEN_DIR ?? ownGoldenFolder();
    const say = (line: string) => void process.stdout.write(`${line}\n`);
    return measureBaselines({ client: clientOf(config), golden: readGoldenSet(folder), folder, clock, say });
  }
  await run(parseConfig(configSchema, process.env));
}

function clientOf({ GATEWAY_URL: url, API_KEY: apiKey, REQUEST_TIMEOUT_MS: requestTimeoutMs }: QualityProbeConfig) {
  return createGatewayClient({ url, apiKey, requestTimeoutMs });
}

async function run(config: QualityProbeConfig): Promise<void> {
  const logger = createLogger({ app: 'quality-probe', level: config.LOG_LEVEL });
  const steps: ShutdownStep[] = [];
  const lifecycle = createLifecycle({ logger, steps, forceAfterMs: shutdownLimitMs });
  const metrics = createQualityProbeMetrics({ container: readContainerUsage });
  const folder = config.GOLDEN_DIR ?? ownGoldenFolder();
  const ending = new AbortController();
  const probe = startProbe({
    client: clientOf(config),
    golden: readGoldenSet(folder),
    metrics,
    logger,
    clock,
    baselineFolders: [...(config.BASELINE_DIR === undefined ? [] : [config.BASELINE_DIR]), join(folder, 'baselines')],
    keepBaselinesIn: config.BASELINE_DIR,
    intervalMs: config.INTERVAL_MS,
    firstDelayMs: config.FIRST_ROUND_DELAY_MS,
    signal: ending.signal,
  });
  const ops = await startOpsServer({
    host: config.OPS_HOST,
    port: config.OPS_PORT,
    portFallback: true,
    metrics,
    isReady: () => ({ ready: probe.isUp(), reasons: probe.isUp() ? [] : ['the gateway does not answer'] }),
    logger,
  });
  steps.push(
    {
      name: 'end-probe',
      timeoutMs: 1_000,
      async run() {
        ending.abort();
        await probe.ended;
      },
    },
    { name: 'close-ops-server', timeoutMs: 1_000, run: ops.close },
  );
  logger.info('listening', { opsUrl: ops.url, fellBack: ops.fellBack });
  lifecycle.markReady();
}

/** The build puts the golden queries beside this file; in the sources they are beside its folder. */
function ownGoldenFolder(): string {
  const beside = join(__dirname, 'golden');
  return existsSync(beside) ? beside : join(__dirname, '../golden');
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`quality-probe: ${error instanceof GoldenFileError ? error.message : failureLine(error)}\n`);
  process.exit(1);
});
