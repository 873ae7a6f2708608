import { useDocumentVisibility } from '@mantine/hooks';
import { type PropsWithChildren, createContext, use, useEffect, useState } from 'react';
import { useGateway } from '../gateway/gateway';
import type { CallResult } from '../ranking/call';
import { type FleetState, fetchFleet } from '../ranking/fleet';
import { type FleetView, nextPollMs, nextView } from './view';

const timeoutMs = 5_000;

const FleetContext = createContext<FleetView>({ kind: 'waiting' });

/** Asks for the fleet's state again and again while somebody can see it. */
export function FleetProvider({ children }: PropsWithChildren) {
  const [view, setView] = useState<FleetView>({ kind: 'waiting' });
  const { callOptions, noteFailure } = useGateway();
  const visibility = useDocumentVisibility();
  useEffect(() => {
    if (visibility !== 'visible') return;
    const controller = new AbortController();
    const { signal } = controller;
    void poll({
      signal,
      ask: () => fetchFleet({ ...callOptions(signal), timeoutMs }),
      tell: (result) => {
        if (!result.ok) noteFailure(result.failure);
        setView((before) => nextView(before, result));
      },
    });
    return () => controller.abort();
  }, [callOptions, noteFailure, visibility]);
  return <FleetContext value={view}>{children}</FleetContext>;
}

export const useFleet = () => use(FleetContext);

interface Poll {
  signal: AbortSignal;
  ask: () => Promise<CallResult<FleetState>>;
  tell: (result: CallResult<FleetState>) => void;
}

async function poll({ signal, ask, tell }: Poll): Promise<void> {
  for (;;) {
    const result = await ask();
    if (signal.aborted) return;
    tell(result);
    await pause(nextPollMs(nextView({ kind: 'waiting' }, result)), signal);
    if (signal.aborted) return;
  }
}

/** Resolves after the time, or at once when the signal ends it. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms);
    function end() {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    }
    signal.addEventListener('abort', end);
  });
}
