import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { checkPort, isListening } from './ports';

it('finds a free port, which can then be listened on', async () => {
  const check = await checkPort('127.0.0.1', 0);
  if (check.state !== 'free') throw new Error('no free port');
  const server = createServer().listen(check.port, '127.0.0.1');
  await once(server, 'listening');
  await new Promise((resolve) => server.close(resolve));
});

it('reports that a port is taken', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await checkPort('127.0.0.1', port)).toEqual({ state: 'taken' });
  await new Promise((resolve) => server.close(resolve));
});

it('reports why it cannot listen on an address', async () => {
  expect(await checkPort('192.0.2.1', 0)).toEqual({ state: 'bad-host', reason: 'EADDRNOTAVAIL' });
});

it('detects which process listens on a port', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const whileOpen = [process.pid, process.ppid].map((pid) => isListening(pid, port));
  await new Promise((resolve) => server.close(resolve));
  expect(whileOpen).toEqual([true, false]);
  expect(isListening(process.pid, port)).toBe(false);
});
