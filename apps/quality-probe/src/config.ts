import { durationMs, logLevel, port, secret } from '@rerank-fleet/service-shell';
import { z } from 'zod';

/** Everything that configures a quality probe, by the name of its environment variable. */
export const configSchema = z.object({
  GATEWAY_URL: z.url().default('http://127.0.0.1:8080').describe('Gateway that the golden queries are sent to'),
  API_KEY: secret().optional().describe('API key of the gateway, where it asks for one'),
  INTERVAL_MS: durationMs(1_000, 86_400_000)
    .prefault('900000')
    .describe('From the begin of one round of golden queries to that of the next; a round is spread over it'),
  FIRST_ROUND_DELAY_MS: durationMs(0, 86_400_000)
    .prefault('2000')
    .describe('How long after its start the first round begins, which is not spread'),
  REQUEST_TIMEOUT_MS: durationMs(100, 900_000)
    .prefault('25000')
    .describe('How long one golden query may wait for its ranking'),
  GOLDEN_DIR: z
    .string()
    .optional()
    .describe('Folder of the golden queries and their baselines; when unset, those that come with the probe'),
  BASELINE_DIR: z
    .string()
    .optional()
    .describe('Folder for the baselines of models that come without one; when unset they are forgotten at the end'),
  OPS_HOST: z.string().default('127.0.0.1').describe('Address of the ops server: /metrics, /health, /ready'),
  OPS_PORT: port().prefault('9103').describe('Port of the ops server'),
  LOG_LEVEL: logLevel().default('info').describe('Least severe level that is logged'),
});

export type QualityProbeConfig = z.infer<typeof configSchema>;
