import { someAnnouncement } from '@rerank-fleet/queue/testing';
import { defaultCapacity } from './capacity';
import { createFleetStateReader, modelViews } from './fleet-state';

const tiny = (id: string, changes = {}) => someAnnouncement(id, { sessions: 2, ...changes });
const gone = someAnnouncement('w9', { bundle: { name: 'gone', version: '3' }, tokensPerSecond: 70 });

it('shows each live bundle once, with the speed of all its workers', () => {
  const workers = [tiny('w1', { tokensPerSecond: 100 }), tiny('w2')];
  expect(modelViews({ workers, bundles: [] })).toMatchObject([{ name: 'tiny', workers: 2, tokensPerSecond: 200 }]);
});

it('has every bundle of the last day, with its sessions, its queue and its limit', async () => {
  const workers = [tiny('w1', { tokensPerSecond: 10_000 }), tiny('w2')];
  const load = { gateways: 2, bytes: 99, tokens: new Map([['tiny@1', 50]]) };
  const read = createFleetStateReader(
    { fleet: () => ({ workers, bundles: [workers[0] ?? gone, gone] }), load: async () => load },
    defaultCapacity,
  );
  const state = await read();
  expect(state).toMatchObject({
    gateways: 2,
    queuedBytes: 99,
    bundles: [
      { name: 'tiny', workers: 2, sessions: 4, queuedTokens: 50, limitTokens: 600_000 },
      { name: 'gone', version: '3', workers: 0, sessions: 0, queuedTokens: 0, limitTokens: 65_536 },
    ],
  });
  expect(state.bundles[1]).not.toHaveProperty('tokensPerSecond');
});

it('asks Redis once for all who ask within a second, and keeps the last figures while it is away', async () => {
  jest.useFakeTimers({ now: 0 });
  const answers = [{ gateways: 1, bytes: 7, tokens: new Map() }];
  const load = jest.fn(async () => answers.pop() ?? Promise.reject(new Error('away')));
  const read = createFleetStateReader({ fleet: () => ({ workers: [], bundles: [] }), load }, defaultCapacity);
  await Promise.all([read(), read()]);
  expect((await read()).queuedBytes).toBe(7);
  expect(load).toHaveBeenCalledTimes(1);
  jest.advanceTimersByTime(1_000);
  expect((await read()).queuedBytes).toBe(7);
  expect(load).toHaveBeenCalledTimes(2);
  jest.useRealTimers();
});
