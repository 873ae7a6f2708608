/** The addresses that a child reports. A worker has no `url`: it serves only its ops port. */
export interface Addresses {
  url?: string;
  opsUrl: string;
}

/**
 * Finds the log line in which a child reports its addresses: JSON with `msg: "listening"`, `opsUrl` and, except
 * for workers, `url`. All other lines are skipped, including an unfinished last line.
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

/** The address for a client on this machine: "all interfaces" becomes loopback, and a final slash is removed. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:').replace(/\/+$/, '');
}
