import { poll } from '../up/waiting';
import { type ChildSet, openChildSet } from './child-set';
import { startSentinelRedis, startSingleRedis } from './redis-deployment';
import { redisCommand, redisInfo } from './redis-server';

const { signal } = new AbortController();

let children: ChildSet;
beforeEach(() => {
  children = openChildSet();
});
afterEach(async () => {
  await children.stop();
  children.removeFiles();
});

it('restarts a Redis on its port with its data', async () => {
  const { url, master } = await startSingleRedis(children);
  const server = await master();
  expect(url).toBe(`redis://127.0.0.1:${server.port}`);
  await redisCommand(server.port, ['SET', 'kept', 'yes']);
  // written to the append-only file in the page cache, so that it survives a kill
  await poll(async () => (await redisInfo(server.port, 'aof_buffer_length')) === '0', { signal });
  await children.kill(server.child());
  await server.restart();
  expect(await redisCommand(server.port, ['GET', 'kept'])).toBe('yes');
  expect(children.unexpectedEnds()).toEqual([]);
});

it('Sentinels promote the replica when the master is killed, and the restarted master becomes a replica', async () => {
  const redis = await startSentinelRedis(children);
  expect(redis.url).toMatch(/^redis\+sentinel:\/\/(127\.0\.0\.1:\d+,){2}127\.0\.0\.1:\d+\/rerank$/);
  const first = await redis.master();
  await children.kill(first.child());
  await poll(async () => (await redis.master()) !== first, { signal });
  const second = await redis.master();
  await first.restart();
  await redis.settled();
  expect(await redis.master()).toBe(second);
  await redisCommand(second.port, ['SET', 'copied', 'yes']);
  await redisCommand(second.port, ['WAIT', '1', '2000']);
  expect(await redisCommand(first.port, ['GET', 'copied'])).toBe('yes');
  await expect(redisCommand(first.port, ['SET', 'refused', 'yes'])).resolves.toContain('READONLY');
});

it('reports a process that ends unexpectedly', async () => {
  const { servers } = await startSingleRedis(children);
  const [server] = servers;
  server?.child().kill('SIGKILL');
  await server?.child().exited;
  await poll(() => children.unexpectedEnds().length > 0, { signal });
  expect(children.unexpectedEnds()[0]).toContain('died: redis (pid');
});
