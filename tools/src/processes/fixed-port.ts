import { checkPort } from '../up/ports';

/** Below the ports that systems give to outgoing connections, above those of well-known services. */
const range = { from: 15_000, to: 32_000 };

/**
 * A free port of 127.0.0.1 that stays free while the process that listens on it is down: no outgoing connection gets
 * it meanwhile. It is added to those that are `taken`, so that a process that does not listen yet keeps its port too.
 */
export async function findFixedPort(taken: Set<number>): Promise<number> {
  for (let attempt = 1; attempt <= 100; attempt++) {
    // another place each time, so that two runs on one machine hardly ever meet
    const port = range.from + Math.floor(Math.random() * (range.to - range.from));
    if (taken.has(port)) continue;
    taken.add(port);
    if ((await checkPort('127.0.0.1', port)).state === 'free') return port;
  }
  throw new Error('there is no free port on 127.0.0.1');
}
