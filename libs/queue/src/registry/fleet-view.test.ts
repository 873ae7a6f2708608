import { someAnnouncement } from '../testing/index';
import { createFleetReader } from './fleet-view';

const text = (workerId: string, tokensPerSecond: number) =>
  JSON.stringify(someAnnouncement(workerId, { tokensPerSecond }));

test('an announcement that has not changed is not parsed again, whoever it is of', () => {
  const parse = jest.spyOn(JSON, 'parse');
  const read = createFleetReader();
  const [a, b, changed] = [text('a', 1), text('b', 1), text('b', 2)];
  const first = read([a, b], [b]);
  expect(parse).toHaveBeenCalledTimes(2);
  const second = read([a, changed, null], [a]);
  expect(parse).toHaveBeenCalledTimes(3);
  expect(second.workers[0]).toBe(first.workers[0]);
  expect(second.bundles[0]).toBe(first.workers[0]);
  expect(second.workers.map((worker) => worker.tokensPerSecond)).toEqual([1, 2]);
  // only the last reading is kept, so departed workers take no memory
  read([a], []);
  read([a, changed], []);
  expect(parse).toHaveBeenCalledTimes(4);
  parse.mockRestore();
});

test.each(['nonsense', '', 'null', '{}'])('the text %j is skipped, each time', (unreadable) => {
  const read = createFleetReader();
  for (let reading = 0; reading < 2; reading++) {
    expect(read([unreadable, text('a', 1), null], [unreadable])).toMatchObject({
      workers: [{ workerId: 'a' }],
      bundles: [],
    });
  }
});
