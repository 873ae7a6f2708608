import type { IncomingMessage } from 'node:http';
import { createNetworkCheck, createSecretCheck, type Secret } from '@rerank-fleet/service-shell';

/** Who may use the API. */
export interface AccessRules {
  /** Keys that are accepted; none = everybody. */
  apiKeys: readonly Secret[];
  /** Networks in CIDR notation whose callers need no key: for clients that cannot send one. */
  trustedNetworks: readonly string[];
}

/** Whether a request may proceed, and whether it brought a key that says so. */
type Access = 'with_key' | 'without_key' | 'denied';

export type AccessCheck = (request: IncomingMessage) => Access;

/** Builds the check of API keys. The address is that of the connection: behind a proxy it is the proxy's. */
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
 * `Authorization` with or without "Bearer", `x-api-key` and `api-key` (Pinecone, Azure): behind a proxy the first may be
 * the proxy's own.
 */
function presentedKeys({ headers }: IncomingMessage): string[] {
  const authorization = headers.authorization?.replace(/^bearer\s+/i, '').trim();
  return [authorization, headers['x-api-key'], headers['api-key']].filter(
    (key) => typeof key === 'string' && key !== '',
  ) as string[];
}
