import { callGateway, type CallOptions, type CallResult } from './call';
import { count, finite, flag, listOf, object, oneOf, orNull, text } from './read-json';

/** One model of the fleet. */
export interface FleetModel {
  name: string;
  version: string;
  /** `name@version`. */
  queue: string;
  isDefault: boolean;
  head: string;
  dtype: string;
  provider: string;
  takesInstruction: boolean;
  maxLengthTokens: number;
  /** 0: known from the last day, and nobody serves it now. */
  workers: number;
  sessions: number;
  queuedTokens: number;
  /** Null before any worker has measured itself. */
  tokensPerSecond: number | null;
  /** How long what waits now will take; null where unknown. */
  drainSeconds: number | null;
  /** Tokens that may be in flight; what comes beyond is refused as `overloaded`. */
  limitTokens: number | null;
}

/** The fleet as one gateway sees it. While Redis is away the figures are the last known. */
export interface FleetState {
  redis: 'up' | 'away';
  gateways: number;
  workers: number;
  /** Estimated tokens that wait or run, of all gateways and models. */
  queuedTokens: number;
  queuedBytes: number;
  tokensPerSecond: number | null;
  models: FleetModel[];
  links: { grafana: string | null; queueBoard: string | null };
}

const readModel = object<FleetModel>({
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
  limitTokens: orNull(finite),
});

const readState = object<FleetState>({
  redis: oneOf('up', 'away'),
  gateways: count,
  workers: count,
  queuedTokens: finite,
  queuedBytes: finite,
  tokensPerSecond: orNull(finite),
  models: listOf(readModel),
  links: object({ grafana: orNull(text), queueBoard: orNull(text) }),
});

/** The fleet by `GET v1/fleet`. */
export async function fetchFleet(options: CallOptions): Promise<CallResult<FleetState>> {
  const result = await callGateway({ path: 'v1/fleet', read: readState }, options);
  return result.ok ? { ok: true, value: result.value.body } : result;
}
