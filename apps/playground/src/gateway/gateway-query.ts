import { QueryClient, type UseQueryOptions, keepPreviousData } from '@tanstack/react-query';
import type { CallOptions, CallResult } from '../ranking/call';
import type { CallFailure } from '../ranking/failure';
import type { Gateway } from './gateway';

/** A call to the gateway whose answer is kept up to date. */
export interface GatewayQuestion<T> {
  /** A new key means a new call. The previous answer stays until the new one arrives. */
  key: readonly string[];
  ask: (options: CallOptions) => Promise<CallResult<T>>;
  /** Time from an answer to the next call; undefined: no further call until the key changes. */
  pollMs?: number;
}

const timeoutMs = 5_000;
const retryMs = 5_000;
/** Options for answers that change only with the key or the gateway. */
const retryAfterRefusalMs = 15_000;

/** Caches the answers of the gateway for the whole page. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: true,
        placeholderData: keepPreviousData,
        // The same call later may have another answer, such as when a worker is back.
        gcTime: 0,
        // A gateway on this machine can be reached without a network.
        networkMode: 'always',
      },
    },
  });
}

/** A failed call is retried until it succeeds. The query's `failureReason` has the last failure. */
export function gatewayQuery<T>(
  { key, ask, pollMs }: GatewayQuestion<T>,
  { keysEntered, callOptions, noteFailure }: Pick<Gateway, 'keysEntered' | 'callOptions' | 'noteFailure'>,
) {
  return {
    queryKey: [...key, keysEntered],
    queryFn: async ({ signal }) => {
      const result = await ask({ ...callOptions(signal), timeoutMs });
      if (result.ok) return result.value;
      noteFailure(result.failure);
      // TanStack Query expects a failure as an exception.
      throw result.failure;
    },
    staleTime: pollMs ?? Infinity,
    refetchInterval: pollMs ?? false,
    retryDelay: (_failures, { kind }) =>
      kind === 'unauthorized' || kind === 'not_found' ? retryAfterRefusalMs : retryMs,
  } satisfies UseQueryOptions<T, CallFailure>;
}
