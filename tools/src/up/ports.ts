import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

export type PortCheck =
  { state: 'free'; port: number } | { state: 'taken' | 'forbidden' } | { state: 'bad-host'; reason: string };

/**
 * Binds and releases a TCP port (0 = any) to check whether a child can use it. Another process may still take the port
 * afterwards, so the caller must handle a child that fails to listen.
 */
export function checkPort(host: string, port: number): Promise<PortCheck> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve({ state: 'taken' });
      else if (error.code === 'EACCES') resolve({ state: 'forbidden' });
      else resolve({ state: 'bad-host', reason: error.code ?? error.message });
    });
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address() as AddressInfo;
      server.close(() => resolve({ state: 'free', port: address.port }));
    });
  });
}

/**
 * Whether this process, and not another one, listens on a port of 127.0.0.1. On systems other than Linux it always
 * returns true.
 */
export function isListening(pid: number, port: number): boolean {
  if (!existsSync('/proc/net/tcp')) return true;
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const sockets = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local === address && state === listenState)
    .map((fields) => `socket:[${fields[inodeField]}]`);
  return openFiles(`/proc/${pid}/fd`).some((file) => sockets.includes(file));
}

/** TCP_LISTEN in the kernel's socket table, and the column of the socket's inode. */
const listenState = '0A';
const inodeField = 9;

/** The files behind the descriptors of a process; empty when the process has ended. */
function openFiles(folder: string): string[] {
  try {
    return readdirSync(folder).map((descriptor) => linkTarget(join(folder, descriptor)));
  } catch {
    return [];
  }
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // the descriptor was closed after the folder was read
    return '';
  }
}
