import { join } from 'node:path';
import { type Child, readLog, startChild } from '../up/children';
import type { Fleet } from '../up/fleet';
import { type Addresses, findAddresses } from '../up/listening';
import { poll } from '../up/waiting';

/** The two processes that exchange requests by plain Redis lists, on the fleet's Redis. */
export interface ListPeers {
  /** URL to which requests are posted. */
  url: string;
  gatewayPid: number;
}

/** Starts the built programs of `folder`. They are stopped with the fleet. */
export async function startListPeers(fleet: Fleet, folder: string, redisUrl: string): Promise<ListPeers> {
  const start = async (program: string, app: string) => {
    const child = await startChild({
      app,
      name: program,
      command: process.execPath,
      args: [join(folder, `${program}.js`)],
      env: { ...process.env, NODE_ENV: 'production', REDIS_URL: redisUrl },
      logPath: join(fleet.dataDir, `${program}.log`),
    });
    fleet.children.push(child);
    return { child, addresses: await awaitAddresses(fleet, child) };
  };
  await start('list-worker', 'worker');
  const { child, addresses } = await start('list-gateway', 'gateway');
  if (addresses.url === undefined) throw new Error('the gateway of the plain lists did not report its address');
  return { url: addresses.url, gatewayPid: child.pid };
}

async function awaitAddresses(fleet: Fleet, child: Child): Promise<Addresses> {
  const addresses = await poll(() => findAddresses(readLog(child)), {
    signal: fleet.signal,
    until: () => child.exit() !== undefined,
  });
  if (addresses === undefined) throw new Error(`${child.name} ended: ${readLog(child)}`);
  return addresses;
}
