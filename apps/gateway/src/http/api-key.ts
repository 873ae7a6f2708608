import type { IncomingMessage } from 'node:http';
import { createNetworkCheck, createSecretCheck, type Secret } from '@rerank-fleet/service-shell';

/** The rules of API keys. */
export interface AccessRules {
  /** Accepted keys. Empty: no key is needed. */
  apiKeys: readonly Secret[];
  /** Networks in CIDR notation whose callers need no key, for clients that cannot send one. */
  trustedNetworks: readonly string[];
}

/** The result of the check. */
type Access = 'with_key' | 'without_key' | 'denied';

export type AccessCheck = (request: IncomingMessage) => Access;

/** Creates the check of API keys. It uses the address of the connection, which behind a proxy is the proxy's. */
export function createAccessCheck({ apiKeys, trustedNetworks }: AccessRules): AccessCheck {
  if (apiKeys.length === 0) return () => 'without_key';
  const isKey = createSecretCheck(apiKeys);
  const isKeyless = createNetworkCheck(trustedNetworks);
  return (request) => {
    if (presentedKeys(request).some(isKey)) return 'with_key';
    return isKeyless(request.socket.remoteAddress) ? 'without_key' : 'denied';
  };
}

/**
 * Reads `Authorization` with or without "Bearer", `x-api-key` and `api-key` (Pinecone, Azure). All are read, because
 * behind a proxy the first may be the proxy's own.
 */
function presentedKeys({ headers }: IncomingMessage): string[] {
  const authorization = headers.authorization?.replace(/^bearer\s+/i, '').trim();
  return [authorization, headers['x-api-key'], headers['api-key']].filter(
    (key) => typeof key === 'string' && key !== '',
  ) as string[];
}
