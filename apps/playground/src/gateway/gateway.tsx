import { createSafeContext } from '@mantine/core';
import { type PropsWithChildren, useCallback, useMemo, useState } from 'react';
import type { CallFailure } from '../ranking/failure';
import type { CallOptions } from '../ranking/call';

/** How the page calls its gateway, and whether the gateway requires a key. */
export interface Gateway {
  /** '' without a key. Stored for this tab only. */
  apiKey: string;
  /** A call was refused because the key is missing or wrong. */
  wantsKey: boolean;
  /** Number of times a key was entered, so that the same key can be tried again. */
  keysEntered: number;
  enterKey: (apiKey: string) => void;
  callOptions: (signal: AbortSignal) => CallOptions;
  /** Called with every failed call. */
  noteFailure: (failure: CallFailure) => void;
}

const [GatewayContext, useGateway] = createSafeContext<Gateway>('useGateway is used outside of GatewayProvider');
export { useGateway };

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
    // The key is then kept until the page is closed.
  }
}
