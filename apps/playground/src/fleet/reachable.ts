const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Whether an address from the gateway works in this browser. A loopback address (`localhost`) works only on the
 * gateway's own machine.
 *
 * @param pageHost the host name or address of the page, without its port
 */
export function isReachable(address: string, pageHost: string): boolean {
  return !loopback.test(new URL(address).hostname) || loopback.test(pageHost);
}
