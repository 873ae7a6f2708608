const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Whether an address leads where its gateway means: one of a gateway's own machine (`localhost`) leads elsewhere from any
 * other machine.
 *
 * @param pageHost the name or address that the page itself was opened under, without its port
 */
export function isReachable(address: string, pageHost: string): boolean {
  return !loopback.test(new URL(address).hostname) || loopback.test(pageHost);
}
