import { providers } from '@rerank-fleet/scoring';
import { booleanFlag, durationMs, logLevels, oneOf, port, redisFields, wholeNumber } from '@rerank-fleet/service-shell';
import { z } from 'zod';

/** Everything that configures a worker, by the name of its environment variable. */
export const configSchema = z.object({
  ...redisFields,
  MODELS_DIR: z.string().default('models').describe('Folder of model bundles, <name>/<version>/manifest.json'),
  MODEL: z
    .string()
    .default('multilingual-e5-small')
    .describe('Bundle to serve: <name>, for its newest version, or <name>@<version>'),
  DEFAULT_BUNDLE: booleanFlag().default(true).describe('Whether this bundle answers requests that name no model'),
  PROVIDER: oneOf(providers)
    .default('cpu')
    .describe(
      'What runs the model: the CPU, or with cuda one NVIDIA device, the first of those that CUDA_VISIBLE_DEVICES leaves',
    ),
  SESSIONS: wholeNumber(1, 256)
    .optional()
    .describe(
      "Model sessions, each single-threaded in a thread of its own; when unset, one for each whole core of the container's quota, or else of the machine, as far as the memory limit has room, and with PROVIDER=cuda one",
    ),
  PREPARED_QUERIES: wholeNumber(1, 100_000).default(64).describe('Prepared queries that each session keeps'),
  PREPARED_QUERIES_MIB: wholeNumber(1, 1_000_000)
    .default(256)
    .describe('Memory in MiB that the prepared queries of each session may take; keys and values are large'),
  GPU_METRICS: booleanFlag()
    .default(true)
    .describe(
      'Whether to export the NVIDIA devices of the machine, where there is nvidia-smi; one worker a machine is enough',
    ),
  OPS_HOST: z.string().default('127.0.0.1').describe('Address of the ops server: /metrics, /health, /ready'),
  OPS_PORT: port().default(9101).describe('Port of the ops server'),
  DRAIN_LIMIT_MS: durationMs(0, 600_000)
    .default(8_000)
    .describe('After SIGTERM: how long taken jobs may still run; what is left then is taken by other workers'),
  LOG_LEVEL: oneOf(logLevels).default('info').describe('How much is logged'),
});

export type WorkerConfig = z.infer<typeof configSchema>;
