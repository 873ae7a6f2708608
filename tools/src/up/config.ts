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

/** Everything that configures `tools/up.sh`, by the name of its environment variable. */
export const upSchema = z.object({
  PORT: port().prefault('8080').describe('Port of the gateway'),
  HOST: z.string().default('127.0.0.1').describe('Address that the gateway listens on'),
  WORKERS: wholeNumber(1, 64)
    .prefault('1')
    .describe('Number of workers of each model; all share the cores, one session a core'),
  MODEL: list()
    .prefault('')
    .describe(
      'Models to serve, the first of them by default; a known name or owner/name is pulled where it is missing. None: the model that is shipped',
    ),
  MODELS_DIR: z.string().optional().describe('Folder of model bundles; else models in the repository'),
  DATA_DIR: z
    .string()
    .optional()
    .describe('Folder for logs and files of Redis; else a temporary one, removed at the end'),
  REDIS_URL: redisUrl().optional().describe('Use this Redis instead of starting one'),
  API_KEYS: secretList()
    .prefault('')
    .describe(
      'API keys that the gateway accepts; the examples and the quality probe use the first. None: no key needed',
    ),
  QUEUE_BOARD: booleanFlag().default(true).describe('Whether to start the queue board'),
  BOARD_PORT: port().prefault('8081').describe('Port of the queue board'),
  BOARD_PASSWORD: secret().optional().describe('Password of the queue board; else a random one, which is printed'),
  QUALITY_PROBE: booleanFlag()
    .default(true)
    .describe('Whether to start the quality probe, which sends golden queries at the lowest priority'),
  OBSERVE_INTERVAL_S: wholeNumber(1, 300)
    .optional()
    .describe('With --observe: seconds between scrapes, evaluations and notices of alerts; else as in production'),
  ALERT_WEBHOOK_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('With --observe: where alerts are sent; else they are only shown by Alertmanager'),
});

/** How the queue board is started. */
interface BoardConfig {
  /** Wanted port; 0 = any free one. */
  port: number;
  password: string;
}

/** How the fleet is watched. */
export interface ObserveConfig {
  /** Keep a year of metrics in VictoriaMetrics. */
  longTerm: boolean;
  /** Seconds that replace the intervals of the production files; undefined leaves them. */
  intervalS: number | undefined;
  /** Takes the alerts of every receiver; undefined = none is sent. */
  webhookUrl: string | undefined;
}

/** What `tools/up.sh` was asked to start. */
export interface UpConfig {
  /** Wanted port of the gateway; 0 = any free one. */
  port: number;
  host: string;
  /** Of each model. */
  workers: number;
  /** Inference sessions of each worker, one core each; undefined leaves it to the worker, which has one a device. */
  sessionsPerWorker: number | undefined;
  /** Models to serve, the first of them by default; none leaves it to the worker's own default. */
  models: string[];
  /** Folder of the model bundles; undefined = `models` of the repository. */
  modelsDir: string | undefined;
  /** Where logs and Redis' files go; undefined = a temporary folder that is removed at the end. */
  dataDir: string | undefined;
  /** A Redis to use instead of starting one. */
  redis: RedisLocation | undefined;
  /** Opens the gateway; undefined = it asks for no key. */
  apiKey: string | undefined;
  /** Stop after the examples. */
  once: boolean;
  /** The queue board; undefined = none. */
  board: BoardConfig | undefined;
  /** Start the quality probe. */
  probe: boolean;
  /** Prometheus, Alertmanager and the exporters; undefined = none of them. */
  observe: ObserveConfig | undefined;
}

export type ParsedUpConfig = Result<{ config: UpConfig }, { message: string }>;

const flags = ['--once', '--observe', '--long-term'];

/** Variables with their defaults, as rows of text. */
function variableLines(rows: ConfigDescription[]): string[] {
  return rows.map((row) => `  ${row.variable.padEnd(20)}${row.description}${row.default ? ` (${row.default})` : ''}`);
}

/** What `up.sh` takes, for the person at the terminal. */
export function usage(): string {
  return [
    'usage: bash tools/up.sh [--once] [--observe] [--long-term]',
    '',
    'Starts Redis, a gateway, workers, the queue board and the quality probe on this machine, ranks two examples and',
    'stays until SIGINT or SIGTERM.',
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

/** Sessions of each worker so that all workers together use each core once, and at least one. */
export function sessionsPerWorker(cores: number, workers: number): number {
  return Math.max(1, Math.floor(cores / workers));
}

/**
 * Reads the command line and the environment (an empty variable counts as absent). The message of a refusal is for the
 * person at the terminal and shows no value of any variable.
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
