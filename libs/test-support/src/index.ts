import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Longer than any test may take: a wait that outlives its test must not keep the process alive. */
const untilLimitMs = 300_000;

/** Waits for a condition, which is looked at again every `intervalMs`. The test's own time limit bounds it. */
export async function until(holds: () => boolean | Promise<boolean>, intervalMs = 10): Promise<void> {
  const startedAt = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedAt > untilLimitMs) throw new Error('the condition did not come true');
    await delay(intervalMs);
  }
}

/** A TCP port that is free at this moment; another process may still take it first. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const probe = createServer().listen(0, host);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
