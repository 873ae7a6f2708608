import { createCancelledRequests } from './cancel';

function setup() {
  const calls: (readonly string[])[] = [];
  let isAway = false;
  const cancelled = createCancelledRequests((ids) => {
    calls.push(ids);
    return isAway ? Promise.reject(new Error('away')) : Promise.resolve();
  });
  return { cancelled, calls, setAway: (value: boolean) => (isAway = value) };
}

describe('the cancelled requests of a gateway', () => {
  it('are sent once each, together, and nothing is sent for none', async () => {
    const { cancelled, calls } = setup();
    cancelled.send();
    for (const id of ['a', 'b', 'a']) cancelled.add(id);
    cancelled.send();
    cancelled.send();
    await new Promise(setImmediate);
    cancelled.send();
    expect(calls).toEqual([['a', 'b']]);
  });

  it('are sent again, with those that came meanwhile, when Redis did not take them', async () => {
    const { cancelled, calls, setAway } = setup();
    setAway(true);
    cancelled.add('a');
    cancelled.send();
    cancelled.add('b');
    await new Promise(setImmediate);
    setAway(false);
    cancelled.send();
    expect(calls.map((ids) => [...ids].sort())).toEqual([['a'], ['a', 'b']]);
  });
});
