/** Where a child says it can be reached. A worker has no `url`: it serves only its ops port. */
export interface Addresses {
  url?: string;
  opsUrl: string;
}

/**
 * Finds the line in a child's log with which it reports its addresses: one JSON object with `msg: "listening"` and the
 * fields `opsUrl` and, for the gateway, `url`. Anything else in the log is skipped, an unfinished last line too.
 */
export function findAddresses(log: string): Addresses | undefined {
  for (const line of log.split('\n').slice(0, -1)) {
    if (!line.includes('"listening"')) continue;
    const entry = parseObject(line);
    if (entry?.['msg'] !== 'listening' || typeof entry['opsUrl'] !== 'string') continue;
    const opsUrl = reachable(entry['opsUrl']);
    return typeof entry['url'] === 'string' ? { url: reachable(entry['url']), opsUrl } : { opsUrl };
  }
  return undefined;
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** An address that a client on this machine can use: "every interface" becomes loopback; no slash at the end. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:').replace(/\/+$/, '');
}
