/**
 * Address of a path of the gateway, found from the page's own address as a browser resolves a link, so that a prefix
 * of a proxy stays.
 *
 * @param path without a leading slash
 */
export function endpointUrl(baseUrl: URL | string, path: string): string {
  const url = new URL(path, baseUrl);
  // fetch refuses an address with a password, and a snippet must not show it
  url.username = '';
  url.password = '';
  return url.href;
}

/** Address of the gateway without a slash at its end: what clients call the base URL or root. */
export function gatewayRoot(baseUrl: URL | string): string {
  return endpointUrl(baseUrl, '.').replace(/\/+$/, '');
}
