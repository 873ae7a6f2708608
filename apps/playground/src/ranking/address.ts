/**
 * Address of a path of the gateway, resolved against the page's own address, so that the prefix of a proxy is kept.
 *
 * @param path without a leading slash
 */
export function endpointUrl(baseUrl: URL | string, path: string): string {
  const url = new URL(path, baseUrl);
  // fetch refuses an address with a password, and a snippet must not show the password.
  url.username = '';
  url.password = '';
  return url.href;
}

/** Address of the gateway without a trailing slash: the base URL of clients. */
export function gatewayRoot(baseUrl: URL | string): string {
  return endpointUrl(baseUrl, '.').replace(/\/+$/, '');
}
