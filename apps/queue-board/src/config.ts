import { booleanFlag, durationMs, logLevel, networks, port, redisFields, secret } from '@rerank-fleet/service-shell';
import { z } from 'zod';

const passwordMinCharacters = 8;

const password = secret().refine((value) => value.reveal().length >= passwordMinCharacters, {
  message: `is shorter than ${passwordMinCharacters} characters`,
});

/** The configuration of a queue board, by environment variable. */
export const configSchema = z.object({
  HOST: z.string().default('127.0.0.1').describe('Address that the board listens on'),
  PORT: port().default(8081).describe('Port of the board'),
  OPS_HOST: z.string().default('127.0.0.1').describe('Address of the ops server: /metrics, /health, /ready'),
  OPS_PORT: port().default(9102).describe('Port of the ops server'),
  ...redisFields,
  BOARD_PASSWORD: password.describe(
    `Password of the board, ${passwordMinCharacters} characters or more; there is no default`,
  ),
  BOARD_WRITABLE: booleanFlag()
    .default(false)
    .describe('Whether queues can be paused, and failed or waiting jobs removed, from the board'),
  BOARD_SECURE_COOKIE: booleanFlag()
    .default(false)
    .describe('Whether the session cookie is sent over HTTPS only; for a board behind a proxy that ends TLS'),
  BOARD_TRUSTED_PROXIES: networks()
    .prefault('')
    .describe(
      'Networks (CIDR) of trusted proxies: behind them, wrong passwords are counted per caller in X-Forwarded-For; otherwise per proxy',
    ),
  POLL_MS: durationMs(100, 600_000).default(5_000).describe('Interval at which the queues are read for the metrics'),
  DRAIN_LIMIT_MS: durationMs(0, 600_000).default(2_000).describe('Time limit after SIGTERM for open requests'),
  LOG_LEVEL: logLevel().default('info').describe('Least severe level that is logged'),
});

export type QueueBoardConfig = z.infer<typeof configSchema>;
