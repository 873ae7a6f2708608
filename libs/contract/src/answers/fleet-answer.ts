import { z } from 'zod';
import { modelSchema } from './models-answer';

const count = z.number().int();
const speed = z
  .number()
  .nullable()
  .describe('What the live workers score a second together; null before any has measured itself.');
const queuedTokens = count.describe('Estimated tokens that are admitted and not answered yet.');
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
    queue: z.string().describe('`<name>@<version>`, as in the metrics.'),
    workers: count.describe('0: it had a worker within 24 hours and has none now.'),
    sessions: count,
    queued_tokens: queuedTokens,
    tokens_per_second: speed,
    drain_seconds: z.number().nullable().describe('How long the queued tokens take at that speed.'),
    limit_tokens: count.describe('Queued tokens beyond which requests are refused with 429.'),
  });

/** The answer of `GET /v1/fleet`: the fleet as one gateway sees it, its models by name, the newest version first. */
export const fleetSchema = z.object({
  object: z.literal('fleet'),
  redis: z.enum(['up', 'away']).describe('away: the figures are the last known ones.'),
  gateways: count,
  workers: count,
  queued_tokens: queuedTokens,
  queued_bytes: count.describe('Job data in Redis.'),
  tokens_per_second: speed,
  models: z.array(bundleSchema),
  links: z.object({ grafana: address, queue_board: address }),
});

export type FleetAnswer = z.infer<typeof fleetSchema>;
