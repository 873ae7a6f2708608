import type { FleetAnswer } from '@rerank-fleet/contract';
import { callGateway, type CallOptions, type CallResult } from './call';
import { count, finite, flag, listOf, object, oneOf, orNull, type ReadOf, text } from './read-json';

const readState = object({
  redis: oneOf('up', 'away'),
  gateways: count,
  workers: count,
  queuedTokens: finite,
  queuedBytes: finite,
  tokensPerSecond: orNull(finite),
  models: listOf(
    object({
      name: text,
      version: text,
      queue: text,
      isDefault: flag,
      head: text,
      dtype: text,
      provider: text,
      takesInstruction: flag,
      maxLengthTokens: count,
      workers: count,
      sessions: count,
      queuedTokens: finite,
      tokensPerSecond: orNull(finite),
      drainSeconds: orNull(finite),
      limitTokens: finite,
    }),
  ),
  links: object({ grafana: orNull(text), queueBoard: orNull(text) }),
});

/** The fleet as one gateway sees it. While Redis is away, the figures are the last known ones. */
export type FleetState = ReadOf<FleetAnswer, typeof readState>;

/** One model of the fleet. */
export type FleetModel = FleetState['models'][number];

/** Reads the fleet with `GET v1/fleet`. */
export async function fetchFleet(options: CallOptions): Promise<CallResult<FleetState>> {
  const result = await callGateway({ path: 'v1/fleet', read: readState }, options);
  return result.ok ? { ok: true, value: result.value.body } : result;
}
