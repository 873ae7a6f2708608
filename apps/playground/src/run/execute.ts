import type { Result } from '@rerank-fleet/contract';
import type { Side } from '../draft/draft';
import type { CallOptions, CallResult } from '../ranking/call';
import { type Ranking, rank } from '../ranking/client';
import type { RankRequest } from '../ranking/request';
import type { Outcome, RunFailure } from './run';

export type Executed = Result<{ outcome: Outcome }, { reason: RunFailure }>;

/** Ranks once. */
export async function executeRank(request: RankRequest, options: CallOptions): Promise<Executed> {
  const result = await rank(request, options);
  return result.ok
    ? { ok: true, outcome: { mode: 'rank', ranked: { request, ranking: result.value } } }
    : { ok: false, reason: { failure: result.failure, side: null } };
}

/** Ranks both requests at the same time. If one fails, the other is aborted. */
export async function executeCompare(requests: Record<Side, RankRequest>, options: CallOptions): Promise<Executed> {
  const stop = new AbortController();
  options.signal.addEventListener('abort', () => stop.abort(), { signal: stop.signal });
  if (options.signal.aborted) stop.abort();
  const rankSide = async (side: Side): Promise<CallResult<Ranking>> => {
    const result = await rank(requests[side], { ...options, signal: stop.signal });
    if (!result.ok) stop.abort();
    return result;
  };
  try {
    const [a, b] = await Promise.all([rankSide('a'), rankSide('b')]);
    if (!a.ok || !b.ok) return { ok: false, reason: causeOf({ a, b }) };
    const outcome: Outcome = {
      mode: 'compare',
      a: { request: requests.a, ranking: a.value },
      b: { request: requests.b, ranking: b.value },
    };
    return { ok: true, outcome };
  } finally {
    // Removes the listener from a signal that may outlive the run.
    stop.abort();
  }
}

/** The failure that ended both sides. The aborted side has the failure `cancelled`. */
function causeOf(results: Record<Side, CallResult<Ranking>>): RunFailure {
  const failures = (['a', 'b'] as const).flatMap((side): RunFailure[] => {
    const result = results[side];
    return result.ok ? [] : [{ failure: result.failure, side }];
  });
  const [first] = failures;
  const cause = failures.find(({ failure }) => failure.kind !== 'cancelled') ?? first;
  if (!cause) throw new Error('neither side failed');
  return cause;
}
