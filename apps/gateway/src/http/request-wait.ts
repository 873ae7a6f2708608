import type { Result } from '@rerank-fleet/contract';
import { refused } from './failure';

/** The allowed range of `x-request-timeout-ms`. */
export const waitRangeMs = { min: 100, max: 900_000 } as const;

/** How long a request waits for its ranking: the value of its header, otherwise the default. */
export function requestWait(header: string | string[] | undefined, defaultMs: number): Result<{ waitMs: number }> {
  if (header === undefined || header === '') return { ok: true, waitMs: defaultMs };
  const field = 'x-request-timeout-ms';
  const waitMs = Number(header);
  if (Number.isNaN(waitMs)) return refused('invalid_type', `\`${field}\` must be a number of milliseconds.`, { field });
  const { min, max } = waitRangeMs;
  if (Number.isInteger(waitMs) && waitMs >= min && waitMs <= max) return { ok: true, waitMs };
  const message = `\`${field}\` must be a whole number from ${min} to ${max}.`;
  return refused('invalid_value', message, { field, limit: waitMs < min ? min : max });
}
