import { checkPort } from '../up/ports';

/** Below the ports of outgoing connections, above those of well-known services. */
const range = { from: 15_000, to: 32_000 };

/**
 * Finds a free port of 127.0.0.1 that stays free while its process is down, because no outgoing connection gets it. The
 * port is added to `taken`, so that a process that does not listen yet also keeps its port.
 */
export async function findFixedPort(taken: Set<number>): Promise<number> {
  for (let attempt = 1; attempt <= 100; attempt++) {
    // a random start, so that two runs on one machine rarely try the same port
    const port = range.from + Math.floor(Math.random() * (range.to - range.from));
    if (taken.has(port)) continue;
    taken.add(port);
    if ((await checkPort('127.0.0.1', port)).state === 'free') return port;
  }
  throw new Error('there is no free port on 127.0.0.1');
}
