import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { callThread, type DeviceLost, type ThreadFailure } from './thread-rpc';

/** A thread that answers on demand. */
function fakeThread() {
  const worker = new EventEmitter();
  const deaths: string[] = [];
  Object.assign(worker, { postMessage: () => undefined });
  const caller = callThread<string, string>(worker as unknown as Worker, (reason) => deaths.push(reason));
  const fail = (id: number, failure: ThreadFailure | DeviceLost) => worker.emit('message', { id, ok: false, failure });
  return {
    caller,
    deaths,
    fail,
    answer: (id: number, value: string) => worker.emit('message', { id, ok: true, value }),
  };
}

it('gives each call its own answer or failure', async () => {
  const { caller, deaths, fail, answer } = fakeThread();
  const calls = [caller.call('a'), caller.call('b')];
  answer(1, 'of b');
  fail(0, { kind: 'out_of_memory', message: 'too large' });
  await expect(calls[0]).rejects.toMatchObject({ failure: { kind: 'out_of_memory' } });
  await expect(calls[1]).resolves.toBe('of b');
  expect(deaths).toEqual([]);
});

it('treats a lost device as the end of the thread: reported once, before any call fails, and no further call is made', async () => {
  const { caller, deaths, fail } = fakeThread();
  const toldBefore: number[] = [];
  const calls = [caller.call('a'), caller.call('b')].map((call) => call.catch(() => toldBefore.push(deaths.length)));
  fail(0, { kind: 'device_lost', message: 'CUDA failure 700' });
  fail(1, { kind: 'device_lost', message: 'CUDA failure 700' });
  await Promise.all(calls);
  expect(deaths).toEqual(['CUDA failure 700']);
  expect(toldBefore).toEqual([1, 1]);
  await expect(caller.call('c')).rejects.toMatchObject({ failure: { kind: 'failed' } });
});
