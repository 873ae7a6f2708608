import { QueryClient, type UseQueryOptions, keepPreviousData } from '@tanstack/react-query';
import type { CallOptions, CallResult } from '../ranking/call';
import type { CallFailure } from '../ranking/failure';
import type { Gateway } from './gateway';

/** What is asked of the gateway and kept up to date. */
export interface GatewayQuestion<T> {
  /** Another key is another question; until it is answered, the answer to the one before stays. */
  key: readonly string[];
  ask: (options: CallOptions) => Promise<CallResult<T>>;
  /** Asks again this long after an answer; undefined: not before the key changes. */
  pollMs?: number;
}

const timeoutMs = 5_000;
const retryMs = 5_000;
/** For what changes only with another key or another gateway. */
const retryAfterRefusalMs = 15_000;

/** Holds the answers of the gateway for the whole page. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: true,
        placeholderData: keepPreviousData,
        // a question that comes up again, as when a worker is back, has a new answer
        gcTime: 0,
        // a gateway on this machine can be reached without a network
        networkMode: 'always',
      },
    },
  });
}

/** A call that failed is made again until it succeeds; why it failed is the query's `failureReason`. */
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
      // how TanStack Query takes a failure
      throw result.failure;
    },
    staleTime: pollMs ?? Infinity,
    refetchInterval: pollMs ?? false,
    retryDelay: (_failures, { kind }) =>
      kind === 'unauthorized' || kind === 'not_found' ? retryAfterRefusalMs : retryMs,
  } satisfies UseQueryOptions<T, CallFailure>;
}
