import { BlockList, isIP } from 'node:net';
import { list } from './config-fields';

/** A comma-separated list of networks in CIDR notation. Spaces around each and empty ones are removed. */
export function networks() {
  return list().superRefine((cidrs, context) => {
    if (!cidrs.every(isCidr)) context.addIssue({ code: 'custom', message: 'has an entry that is not address/prefix' });
  });
}

/**
 * Creates a check whether an address is within one of these networks. An IPv4-mapped IPv6 address (`::ffff:10.0.0.1`)
 * counts as the IPv4 address. A text that is not an address is within none.
 *
 * @param cidrs as parsed by {@link networks}
 */
export function createNetworkCheck(cidrs: readonly string[]): (address: string | undefined) => boolean {
  const blocks = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/');
    blocks.addSubnet(address, Number(prefix), familyOf(address) ?? 'ipv4');
  }
  return (address = '') => {
    const family = familyOf(address);
    return family !== undefined && blocks.check(address, family);
  };
}

/** True for `address/prefix` with a valid prefix for the address family. */
function isCidr(text: string): boolean {
  const [, address = '', prefix] = /^(.+)\/(\d{1,3})$/.exec(text) ?? [];
  const family = familyOf(address);
  return family !== undefined && Number(prefix) <= (family === 'ipv6' ? 128 : 32);
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const family = isIP(address);
  if (family === 0) return undefined;
  return family === 6 ? 'ipv6' : 'ipv4';
}
