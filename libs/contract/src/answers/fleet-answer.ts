import { z } from 'zod';
import { modelSchema } from './models-answer';

const count = z.number().int();
const speed = z
  .number()
  .nullable()
  .describe('Total tokens per second of the live workers; null until a worker has measured its speed.');
const queuedTokens = count.describe('Estimated tokens of admitted requests that are not answered yet.');
const address = z.string().nullable();

const bundleSchema = modelSchema
  .pick({
    name: true,
    version: true,
    is_default: true,
    head: true,
    dtype: true,
    provider: true,
    takes_instruction: true,
    max_length_tokens: true,
  })
  .extend({
    queue: z.string().describe('`<name>@<version>`, as in metric labels.'),
    workers: count.describe('Live workers. 0: the last one was seen within 24 hours.'),
    sessions: count,
    queued_tokens: queuedTokens,
    tokens_per_second: speed,
    drain_seconds: z.number().nullable().describe('Seconds to process the queued tokens at `tokens_per_second`.'),
    limit_tokens: count.describe('Limit for queued tokens. Requests beyond it are refused with 429.'),
  });

/** The answer of `GET /v1/fleet`: the fleet as one gateway sees it, with models by name, the newest version first. */
export const fleetSchema = z.object({
  object: z.literal('fleet'),
  redis: z.enum(['up', 'away']).describe('away: Redis cannot be reached, and the figures are the last known ones.'),
  gateways: count,
  workers: count,
  queued_tokens: queuedTokens,
  queued_bytes: count.describe('Bytes of job data in Redis.'),
  tokens_per_second: speed,
  models: z.array(bundleSchema),
  links: z.object({ grafana: address, queue_board: address }),
});

export type FleetAnswer = z.infer<typeof fleetSchema>;
