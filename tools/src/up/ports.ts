import { createServer, type AddressInfo } from 'node:net';

export type PortCheck =
  { state: 'free'; port: number } | { state: 'taken' | 'forbidden' } | { state: 'bad-host'; reason: string };

/**
 * Binds and frees a TCP port (0 = any) to learn whether a child could have it. Someone else may still come first, so
 * whoever starts a child on the port must also cope with its failing.
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
