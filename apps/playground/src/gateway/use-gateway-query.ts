import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { CallFailure } from '../ranking/failure';
import { useGateway } from './gateway';
import { type GatewayQuestion, gatewayQuery } from './gateway-query';

/** Keeps an answer of the gateway up to date while the page is visible, and repeats the call for each new API key. */
export function useGatewayQuery<T>(question: GatewayQuestion<T>): UseQueryResult<T, CallFailure> {
  return useQuery(gatewayQuery(question, useGateway()));
}
