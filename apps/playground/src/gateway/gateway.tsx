import { type PropsWithChildren, createContext, use, useCallback, useMemo, useState } from 'react';
import type { CallFailure } from '../ranking/failure';
import type { CallOptions } from '../ranking/call';

/** How the page reaches its gateway, and whether that wants a key. */
export interface Gateway {
  /** '' without one. Kept for the tab only. */
  apiKey: string;
  /** A call was refused for want of a (right) key. */
  wantsKey: boolean;
  /** Counts entries of a key: the same key entered again is tried again. */
  keysEntered: number;
  enterKey: (apiKey: string) => void;
  callOptions: (signal: AbortSignal) => CallOptions;
  /** Every failed call is told, whoever made it. */
  noteFailure: (failure: CallFailure) => void;
}

const GatewayContext = createContext<Gateway | undefined>(undefined);
const storageKey = 'rerank-fleet.api-key';

export function GatewayProvider({ children }: PropsWithChildren) {
  const [{ apiKey, keysEntered }, setEntered] = useState(() => ({ apiKey: storedKey(), keysEntered: 0 }));
  const [wantsKey, setWantsKey] = useState(false);
  const enterKey = useCallback((key: string) => {
    storeKey(key);
    setEntered((before) => ({ apiKey: key, keysEntered: before.keysEntered + 1 }));
    setWantsKey(false);
  }, []);
  const callOptions = useCallback(
    (signal: AbortSignal): CallOptions => ({ baseUrl: document.baseURI, apiKey, signal }),
    [apiKey],
  );
  const noteFailure = useCallback(({ kind }: CallFailure) => {
    if (kind === 'unauthorized') setWantsKey(true);
  }, []);
  const gateway = useMemo(
    () => ({ apiKey, wantsKey, keysEntered, enterKey, callOptions, noteFailure }),
    [apiKey, wantsKey, keysEntered, enterKey, callOptions, noteFailure],
  );
  return <GatewayContext value={gateway}>{children}</GatewayContext>;
}

export function useGateway(): Gateway {
  const gateway = use(GatewayContext);
  if (!gateway) throw new Error('useGateway is used outside of GatewayProvider');
  return gateway;
}

function storedKey(): string {
  try {
    return sessionStorage.getItem(storageKey) ?? '';
  } catch {
    return '';
  }
}

function storeKey(apiKey: string): void {
  try {
    sessionStorage.setItem(storageKey, apiKey);
  } catch {
    // then it lasts until the page is left
  }
}
