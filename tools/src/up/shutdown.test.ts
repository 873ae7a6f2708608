import { type Clock, type Stoppable, stopInOrder } from './shutdown';

/** A clock that jumps to the end of the next sleep when nothing else can happen. */
function fakeClock(): Clock {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    sleep: async (delayMs, signal) => {
      // lets every process that can end by itself do so before time passes
      await new Promise((resolve) => setImmediate(resolve));
      if (!signal.aborted) nowMs += delayMs;
    },
  };
}

interface FakeProcess extends Stoppable {
  obeys: boolean;
}

/** A process that records its signals and its end. */
function fakeProcess(name: string, obeys: boolean, events: string[]): FakeProcess {
  let end: () => void = () => undefined;
  const exited = new Promise<void>((resolve) => (end = resolve));
  return {
    name,
    obeys,
    exited,
    kill(signal) {
      events.push(`${signal} ${name}`);
      if (!obeys && signal !== 'SIGKILL') return;
      events.push(`end ${name}`);
      end();
    },
  };
}

it('stops each stage after the previous stage has ended', async () => {
  const events: string[] = [];
  const make = (name: string) => fakeProcess(name, true, events);
  const stages = [
    { processes: [make('gateway')], killAtMs: 10 },
    { processes: [make('worker-1'), make('worker-2')], killAtMs: 20 },
    { processes: [make('redis')], killAtMs: 30 },
  ];
  expect(await stopInOrder(stages, fakeClock())).toEqual([]);
  expect(events).toEqual(
    ['gateway', 'worker-1', 'worker-2', 'redis'].flatMap((name) => [`SIGTERM ${name}`, `end ${name}`]),
  );
});

it('kills processes at their time limit, counted from the start of the shutdown, and returns their names', async () => {
  const events: string[] = [];
  const clock = fakeClock();
  const stages = [
    { processes: [fakeProcess('gateway', false, events)], killAtMs: 6_000 },
    { processes: [fakeProcess('worker-1', true, events), fakeProcess('worker-2', false, events)], killAtMs: 11_000 },
    { processes: [fakeProcess('redis', false, events)], killAtMs: 12_000 },
  ];
  expect(await stopInOrder(stages, clock)).toEqual(['gateway', 'worker-2', 'redis']);
  expect(clock.nowMs()).toBe(12_000);
  expect(events).not.toContain('SIGKILL worker-1');
});

it('needs no time when nothing runs', async () => {
  const clock = fakeClock();
  expect(await stopInOrder([{ processes: [], killAtMs: 5_000 }], clock)).toEqual([]);
  expect(clock.nowMs()).toBe(0);
});
