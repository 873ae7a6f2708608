import { randomBytes } from 'node:crypto';
import type { Result } from '@rerank-fleet/contract';
import {
  ConfigError,
  type ConfigDescription,
  type RedisLocation,
  booleanFlag,
  describeConfig,
  list,
  parseConfig,
  port,
  redisUrl,
  secret,
  secretList,
  wholeNumber,
} from '@rerank-fleet/service-shell';
import { z } from 'zod';

/** The configuration of `tools/up.sh`, by environment variable. */
export const upSchema = z.object({
  PORT: port().prefault('8080').describe('Port of the gateway'),
  HOST: z.string().default('127.0.0.1').describe('Address that the gateway listens on'),
  WORKERS: wholeNumber(1, 64)
    .prefault('1')
    .describe('Workers per model; all workers share the cores, one session per core'),
  MODEL: list()
    .prefault('')
    .describe(
      'Models to serve; the first is the default. A known name or owner/name is pulled if it is missing, and a folder with a model is added. If empty, the bundled model is served',
    ),
  MODELS_DIR: z.string().optional().describe('Folder of the model bundles; if unset, models in the repository'),
  DATA_DIR: z
    .string()
    .optional()
    .describe('Folder for logs and the files of Redis; if unset, a temporary folder that is removed at the end'),
  REDIS_URL: redisUrl().optional().describe('Use this Redis instead of starting one'),
  API_KEYS: secretList()
    .prefault('')
    .describe(
      'API keys that the gateway accepts; the examples and the quality probe use the first. If empty, no key is needed',
    ),
  QUEUE_BOARD: booleanFlag().default(true).describe('Whether to start the queue board'),
  BOARD_PORT: port().prefault('8081').describe('Port of the queue board'),
  BOARD_PASSWORD: secret().optional().describe('Password of the queue board; if unset, a random one, which is printed'),
  QUALITY_PROBE: booleanFlag()
    .default(true)
    .describe('Whether to start the quality probe, which sends golden queries at the lowest priority'),
  OBSERVE_INTERVAL_S: wholeNumber(1, 300)
    .optional()
    .describe(
      'With --observe: seconds between scrapes, rule evaluations and notifications; if unset, as in production',
    ),
  ALERT_WEBHOOK_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('With --observe: URL to which alerts are sent; if unset, alerts are only shown in Alertmanager'),
});

/** How the queue board is started. */
interface BoardConfig {
  /** Preferred port; 0 = any free port. */
  port: number;
  password: string;
}

/** How the fleet is monitored. */
export interface ObserveConfig {
  /** Keep a year of metrics in VictoriaMetrics. */
  longTerm: boolean;
  /** Seconds that replace the intervals in the production files; undefined = the intervals stay. */
  intervalS: number | undefined;
  /** Gets the alerts of all receivers; undefined = no alert is sent. */
  webhookUrl: string | undefined;
}

/** The parsed command line and environment of `tools/up.sh`. */
export interface UpConfig {
  /** Preferred port of the gateway; 0 = any free port. */
  port: number;
  host: string;
  /** Workers per model. */
  workers: number;
  /** Inference sessions per worker, one core each; undefined = the worker decides: one per device. */
  sessionsPerWorker: number | undefined;
  /** Models to serve; the first is the default. Empty = the worker's own default. */
  models: string[];
  /** Folder of the model bundles; undefined = `models` of the repository. */
  modelsDir: string | undefined;
  /** Folder for logs and Redis' files; undefined = a temporary folder that is removed at the end. */
  dataDir: string | undefined;
  /** A Redis to use instead of starting one. */
  redis: RedisLocation | undefined;
  /** An API key of the gateway; undefined = the gateway needs no key. */
  apiKey: string | undefined;
  /** Whether to stop after the examples. */
  once: boolean;
  /** The queue board; undefined = not started. */
  board: BoardConfig | undefined;
  /** Whether to start the quality probe. */
  probe: boolean;
  /** Prometheus, Alertmanager and the exporters; undefined = not started. */
  observe: ObserveConfig | undefined;
}

export type ParsedUpConfig = Result<{ config: UpConfig }, { message: string }>;

const flags = ['--once', '--observe', '--long-term'];

/** One line per variable, with its default. */
function variableLines(rows: ConfigDescription[]): string[] {
  return rows.map((row) => `  ${row.variable.padEnd(20)}${row.description}${row.default ? ` (${row.default})` : ''}`);
}

/** The usage text of `up.sh`. */
export function usage(): string {
  return [
    'usage: bash tools/up.sh [--once] [--observe] [--long-term]',
    '',
    'Starts Redis, a gateway, workers, the queue board and the quality probe on this machine, ranks two examples and',
    'runs until SIGINT or SIGTERM.',
    '  --once       stop after the examples',
    '  --observe    start Prometheus, Alertmanager and exporters as well',
    '  --long-term  --observe, and keep a year of metrics in VictoriaMetrics',
    'Environment:',
    ...variableLines(describeConfig(upSchema)),
  ].join('\n');
}

function randomPassword(): string {
  return randomBytes(9).toString('base64url');
}

function observeConfig(args: string[], values: z.infer<typeof upSchema>): ObserveConfig | undefined {
  const longTerm = args.includes('--long-term');
  if (!longTerm && !args.includes('--observe')) return undefined;
  return { longTerm, intervalS: values.OBSERVE_INTERVAL_S, webhookUrl: values.ALERT_WEBHOOK_URL };
}

/** Sessions per worker, at least one, such that all workers together use each core once. */
export function sessionsPerWorker(cores: number, workers: number): number {
  return Math.max(1, Math.floor(cores / workers));
}

/**
 * Parses the command line and the environment (an empty variable counts as absent). The error message is for the
 * terminal and contains no value of a variable.
 */
export function parseUpConfig(args: string[], env: NodeJS.ProcessEnv, cores: number): ParsedUpConfig {
  const unknown = args.find((arg) => !flags.includes(arg));
  if (unknown !== undefined) return { ok: false, message: `unknown argument ${unknown}\n\n${usage()}` };
  try {
    const values = parseConfig(upSchema, env);
    const { PORT, HOST, WORKERS, MODEL, DATA_DIR, MODELS_DIR, REDIS_URL } = values;
    const config: UpConfig = {
      port: PORT,
      host: HOST,
      workers: WORKERS,
      sessionsPerWorker:
        env['PROVIDER'] === 'cuda' ? undefined : sessionsPerWorker(cores, WORKERS * Math.max(1, MODEL.length)),
      models: MODEL,
      dataDir: DATA_DIR,
      modelsDir: MODELS_DIR,
      redis: REDIS_URL,
      apiKey: values.API_KEYS[0]?.reveal(),
      once: args.includes('--once'),
      board: values.QUEUE_BOARD
        ? { port: values.BOARD_PORT, password: values.BOARD_PASSWORD?.reveal() ?? randomPassword() }
        : undefined,
      probe: values.QUALITY_PROBE,
      observe: observeConfig(args, values),
    };
    return { ok: true, config };
  } catch (error) {
    if (error instanceof ConfigError) return { ok: false, message: error.message };
    throw error;
  }
}
