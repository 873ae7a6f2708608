import { bundleKey } from '@rerank-fleet/contract';
import type { EdgeConfig } from '../config';
import type { BundleState, FleetState } from '../rank/fleet';
import { compareNamed } from '../dialects/model-name';
import { modelSchema } from './models';
import { z } from '../dialects/zod';

const count = z.number().int();
const speed = z
  .number()
  .nullable()
  .openapi({ description: 'What the live workers score a second together; null before any has measured itself.' });
const queuedTokens = count.openapi({ description: 'Estimated tokens that are admitted and not answered yet.' });
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
    queue: z.string().openapi({ description: '`<name>@<version>`, as in the metrics.' }),
    workers: count.openapi({ description: '0: it had a worker within 24 hours and has none now.' }),
    sessions: count,
    queued_tokens: queuedTokens,
    tokens_per_second: speed,
    drain_seconds: z.number().nullable().openapi({ description: 'How long the queued tokens take at that speed.' }),
    limit_tokens: count.openapi({ description: 'Queued tokens beyond which requests are refused with 429.' }),
  });

/** The answer of `GET /v1/fleet`. */
export const fleetSchema = z
  .object({
    object: z.literal('fleet'),
    redis: z.enum(['up', 'away']).openapi({ description: 'away: the figures are the last known ones.' }),
    gateways: count,
    workers: count,
    queued_tokens: queuedTokens,
    queued_bytes: count.openapi({ description: 'Job data in Redis.' }),
    tokens_per_second: speed,
    models: z.array(bundleSchema),
    links: z.object({ grafana: address, queue_board: address }),
  })
  .openapi('Fleet');

/** What `GET /v1/fleet` says: models by name, the newest version first. */
export function describeFleet(
  { gateways, queuedBytes, bundles }: FleetState,
  { isRedisUp, links }: { isRedisUp: boolean; links: EdgeConfig['links'] },
): z.infer<typeof fleetSchema> {
  const models = [...bundles].sort(compareNamed).map(describeBundle);
  const measured = models.flatMap((model) => model.tokens_per_second ?? []);
  return {
    object: 'fleet',
    redis: isRedisUp ? 'up' : 'away',
    gateways,
    workers: sum(models.map(({ workers }) => workers)),
    queued_tokens: sum(models.map((model) => model.queued_tokens)),
    queued_bytes: queuedBytes,
    tokens_per_second: measured.length === 0 ? null : sum(measured),
    models,
    links: { grafana: links.grafana ?? null, queue_board: links.queueBoard ?? null },
  };
}

function describeBundle(bundle: BundleState): z.infer<typeof bundleSchema> {
  const tokensPerSecond = bundle.workers === 0 ? undefined : bundle.tokensPerSecond;
  return {
    name: bundle.name,
    version: bundle.version,
    queue: bundleKey(bundle),
    is_default: bundle.isDefault,
    head: bundle.head,
    dtype: bundle.dtype,
    provider: bundle.provider,
    takes_instruction: bundle.takesInstruction,
    max_length_tokens: bundle.maxLengthTokens,
    workers: bundle.workers,
    sessions: bundle.sessions,
    queued_tokens: bundle.queuedTokens,
    tokens_per_second: tokensPerSecond ?? null,
    drain_seconds: tokensPerSecond === undefined ? null : bundle.queuedTokens / tokensPerSecond,
    limit_tokens: bundle.limitTokens,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
