import { type PropsWithChildren, createContext, use, useMemo } from 'react';
import { useGatewayQuery } from '../gateway/use-gateway-query';
import { fetchFleet } from '../ranking/fleet';
import { type FleetView, viewOf } from './view';

const FleetContext = createContext<FleetView>({ kind: 'waiting' });

/** Polls the fleet's state while the page is visible. */
export function FleetProvider({ children }: PropsWithChildren) {
  const { data, failureReason } = useGatewayQuery({ key: ['fleet'], ask: fetchFleet, pollMs: 2_000 });
  const view = useMemo(() => viewOf(data, failureReason), [data, failureReason]);
  return <FleetContext value={view}>{children}</FleetContext>;
}

export const useFleet = () => use(FleetContext);
