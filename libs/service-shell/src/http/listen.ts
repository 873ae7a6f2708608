import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where a server should listen. */
export interface ListenOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Take any free port when this one is in use, instead of failing. */
  fallback: boolean;
}

/** Where it does. */
export interface Listening {
  /** A URL that reaches it from this machine, without a final slash. */
  url: string;
  port: number;
  /** True when the port asked for was in use and another was taken: say so to whoever started the process. */
  fellBack: boolean;
}

/**
 * Starts listening.
 *
 * @throws the server's own error when the address cannot be used, among them `EADDRINUSE` without `fallback`
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
 * Stops accepting, lets answers in progress end for a while, then cuts what is left. Resolves when no connection is open;
 * closing a server that never listened is no error.
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

/** A wildcard address can be listened on but not called; an IPv6 one needs brackets in a URL. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
