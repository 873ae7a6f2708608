import { createServer } from 'node:net';
import { freePort, until } from './index';

it('waits for a condition that comes true later, and no longer', async () => {
  let looks = 0;
  await until(() => ++looks === 3, 1);
  await until(async () => ++looks === 5, 1);
  expect(looks).toBe(5);
});

it('does not hide what the condition throws', async () => {
  await expect(until(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

it('finds a port that can be listened on', async () => {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await new Promise((resolve) => server.close(resolve));
  expect(port).toBeGreaterThan(0);
});
