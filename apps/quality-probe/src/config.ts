import { durationMs, logLevel, port, secret } from '@rerank-fleet/service-shell';
import { z } from 'zod';

/** The configuration of a quality probe, by environment variable. */
export const configSchema = z.object({
  GATEWAY_URL: z.url().default('http://127.0.0.1:8080').describe('Gateway to which the golden queries are sent'),
  API_KEY: secret().optional().describe('API key of the gateway, if it needs one'),
  INTERVAL_MS: durationMs(1_000, 86_400_000)
    .prefault('900000')
    .describe('Time between the starts of two rounds of golden queries; the queries are spread over it'),
  FIRST_ROUND_DELAY_MS: durationMs(0, 86_400_000)
    .prefault('2000')
    .describe('Delay before the first round, whose queries are not spread'),
  REQUEST_TIMEOUT_MS: durationMs(100, 900_000).prefault('25000').describe('Wait of one golden query for its ranking'),
  GOLDEN_DIR: z
    .string()
    .optional()
    .describe('Folder of the golden queries and their baselines; if unset, those of the probe'),
  BASELINE_DIR: z
    .string()
    .optional()
    .describe('Folder for the baselines of models without a stored one; if unset, they are lost when the probe ends'),
  OPS_HOST: z.string().default('127.0.0.1').describe('Address of the ops server: /metrics, /health, /ready'),
  OPS_PORT: port().prefault('9103').describe('Port of the ops server'),
  LOG_LEVEL: logLevel().default('info').describe('Least severe level that is logged'),
});

export type QualityProbeConfig = z.infer<typeof configSchema>;
