import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { createSecretCheck, type Secret } from '@rerank-fleet/service-shell';

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
  const keyless = blockListOf(trustedNetworks);
  return (request) => {
    if (trustedNetworks.length > 0 && isWithin(keyless, request.socket.remoteAddress)) return true;
    return presentedKeys(request).some(isKey);
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

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

/** An IPv4 address in IPv6 clothes (`::ffff:10.0.0.1`) is matched by the list as what it is. */
function isWithin(list: BlockList, address: string | undefined): boolean {
  const family = isIP(address ?? '');
  return address !== undefined && family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** True for `address/prefix` with a prefix that fits the address' family. */
export function isCidr(text: string): boolean {
  const match = /^(.+)\/(\d{1,3})$/.exec(text);
  const family = isIP(match?.[1] ?? '');
  return family !== 0 && Number(match?.[2]) <= (family === 6 ? 128 : 32);
}
