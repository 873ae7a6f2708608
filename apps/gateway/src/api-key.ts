import type { IncomingMessage } from 'node:http';
import { createNetworkCheck, createSecretCheck, type Secret } from '@rerank-fleet/service-shell';

/** Who may use the API. */
export interface AccessRules {
  /** Keys that are accepted; none = everybody. */
  apiKeys: readonly Secret[];
  /** Networks in CIDR notation whose callers need no key: for clients that cannot send one. */
  trustedNetworks: readonly string[];
}

/** True when the request may proceed. */
export type AccessCheck = (request: IncomingMessage) => boolean;

/** Builds the check of API keys. The address is that of the connection: behind a proxy it is the proxy's. */
export function createAccessCheck({ apiKeys, trustedNetworks }: AccessRules): AccessCheck {
  if (apiKeys.length === 0) return () => true;
  const isKey = createSecretCheck(apiKeys);
  const isKeyless = createNetworkCheck(trustedNetworks);
  return (request) => isKeyless(request.socket.remoteAddress) || presentedKeys(request).some(isKey);
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
