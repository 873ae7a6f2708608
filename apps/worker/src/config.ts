import { providers } from '@rerank-fleet/scoring';
import { booleanFlag, durationMs, logLevels, oneOf, port, redisFields, wholeNumber } from '@rerank-fleet/service-shell';
import { z } from 'zod';

/** Every variable that configures a worker. */
export const configSchema = z.object({
  ...redisFields,
  MODELS_DIR: z.string().default('models').describe('Folder of model bundles, <name>/<version>/manifest.json'),
  PACKED_MODELS_DIR: z
    .string()
    .default('packed-models')
    .describe(
      'Folder in which the weights of CPU models are kept as this processor multiplies them. All sessions and workers of the machine share them from there. Only the user of the worker may write to it; it is made if it is missing',
    ),
  MODEL: z
    .string()
    .default('multilingual-e5-small')
    .describe('Bundle to serve: <name> for its newest version, or <name>@<version>'),
  DEFAULT_BUNDLE: booleanFlag().default(true).describe('Whether this bundle answers requests that name no model'),
  PROVIDER: oneOf(providers)
    .default('cpu')
    .describe('Device of the model: cpu, or cuda for one NVIDIA device, the first in CUDA_VISIBLE_DEVICES'),
  SESSIONS: wholeNumber(1, 256)
    .optional()
    .describe(
      "Number of model sessions, each in its own thread. Default: one per whole core of the container's quota, otherwise of the machine, as far as the memory limit allows; one with PROVIDER=cuda",
    ),
  ENCODER_THREADS: wholeNumber(1, 64)
    .default(1)
    .describe('Number of threads that convert texts to token ids. Each holds the tokenizer'),
  TOKEN_BUDGET: wholeNumber(1, 1_000_000)
    .optional()
    .describe(
      'Token budget of one batch: longest row x rows. Default: found at the start, beginning with the budget of the bundle',
    ),
  PREPARED_QUERIES: wholeNumber(1, 100_000)
    .default(64)
    .describe(
      'Number of prepared queries that are cached: by the worker for models with keys and values, otherwise by each session',
    ),
  PREPARED_QUERIES_MIB: wholeNumber(1, 1_000_000)
    .default(256)
    .describe(
      'Memory limit in MiB for the cached queries. Keys and values are large: 224 KiB per token of Qwen3-Reranker-0.6B',
    ),
  GPU_METRICS: booleanFlag()
    .default(true)
    .describe(
      'Whether to export metrics of the NVIDIA devices of the machine, if nvidia-smi exists. One worker per machine is enough',
    ),
  OPS_HOST: z.string().default('127.0.0.1').describe('Address of the ops server: /metrics, /health, /ready'),
  OPS_PORT: port().default(9101).describe('Port of the ops server'),
  DRAIN_LIMIT_MS: durationMs(0, 600_000)
    .default(8_000)
    .describe('Time after SIGTERM in which taken jobs may still run. Other workers take the remaining ones'),
  LOG_LEVEL: oneOf(logLevels).default('info').describe('Minimum severity of logged lines'),
});

export type WorkerConfig = z.infer<typeof configSchema>;
