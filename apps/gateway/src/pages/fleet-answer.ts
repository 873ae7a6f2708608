import { type FleetAnswer, bundleKey } from '@rerank-fleet/contract';
import type { EdgeConfig } from '../config';
import type { BundleState, FleetState } from '../rank/fleet';
import { compareNamed } from '../dialects/model-name';

/** Builds the answer of `GET /v1/fleet`. Models are ordered by name, the newest version first. */
export function describeFleet(
  { gateways, queuedBytes, bundles }: FleetState,
  { isRedisUp, links }: { isRedisUp: boolean; links: EdgeConfig['links'] },
): FleetAnswer {
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

function describeBundle(bundle: BundleState): FleetAnswer['models'][number] {
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
