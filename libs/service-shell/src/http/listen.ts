import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The address on which a server should listen. */
export interface ListenOptions {
  host: string;
  /** 0 selects a free port. */
  port: number;
  /** Whether to select a free port if this one is in use, instead of failing. */
  fallback: boolean;
}

/** The address on which a server listens. */
export interface Listening {
  /** A URL that reaches it from this machine, without a trailing slash. */
  url: string;
  port: number;
  /** Whether the requested port was in use and another was selected. Report it to the operator. */
  fellBack: boolean;
}

/**
 * Starts listening.
 *
 * @throws the server's own error if the address cannot be used; `EADDRINUSE` only without `fallback`
 */
export async function listen(server: Server, { host, port, fallback }: ListenOptions): Promise<Listening> {
  try {
    return { ...(await bind(server, host, port)), fellBack: false };
  } catch (error) {
    if (!fallback || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return { ...(await bind(server, host, 0)), fellBack: true };
  }
}

/**
 * Stops accepting connections, waits up to `graceMs` for current answers, then closes the remaining connections.
 * Resolves when none is open. Closing a server that never listened is not an error.
 */
export function closeServer(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function bind(server: Server, host: string, port: number): Promise<{ url: string; port: number }> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => {
      server.off('listening', onListening);
      reject(error);
    };
    const onListening = () => {
      server.off('error', onError);
      const address = server.address() as AddressInfo;
      resolve({ url: `http://${reachableHost(host)}:${address.port}`, port: address.port });
    };
    server.once('error', onError).once('listening', onListening).listen(port, host);
  });
}

/** A wildcard address cannot be called, and an IPv6 address needs brackets in a URL. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
