import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createQualityProbeMetrics } from '@rerank-fleet/metrics';
import { parseConfig, readContainerUsage, runApp, type RunningApp } from '@rerank-fleet/service-shell';
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

/** `baseline --url <gateway>` */
async function baseline(args: readonly string[]): Promise<void> {
  const [option, url] = args;
  if (option !== '--url' || url === undefined) throw new Error('usage: baseline --url <gateway>');
  const config = parseConfig(configSchema, { ...process.env, GATEWAY_URL: url });
  const folder = config.GOLDEN_DIR ?? ownGoldenFolder();
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  await measureBaselines({ client: clientOf(config), golden: readGoldenSet(folder), folder, clock, say });
}

function clientOf({ GATEWAY_URL: url, API_KEY: apiKey, REQUEST_TIMEOUT_MS: requestTimeoutMs }: QualityProbeConfig) {
  return createGatewayClient({ url, apiKey, requestTimeoutMs });
}

async function start(config: QualityProbeConfig, { logger, shutdownSteps, openOps }: RunningApp): Promise<void> {
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
  shutdownSteps.push({
    name: 'end-probe',
    timeoutMs: 1_000,
    async run() {
      ending.abort();
      await probe.ended;
    },
  });
  const isReady = () => ({ ready: probe.isUp(), reasons: probe.isUp() ? [] : ['the gateway does not answer'] });
  await openOps({ metrics, isReady });
}

/** In a build, the golden queries are in the folder of this file; in the sources, in its parent folder. */
function ownGoldenFolder(): string {
  const beside = join(__dirname, 'golden');
  return existsSync(beside) ? beside : join(__dirname, '../golden');
}

runApp({
  name: 'quality-probe',
  schema: configSchema,
  shutdownLimitMs: () => shutdownLimitMs,
  start,
  commands: { baseline },
  plainErrors: [GoldenFileError],
});
