import { EventEmitter } from 'node:events';
import type { LifecycleState, ShutdownStep } from './lifecycle';
import { assertTransition, createLifecycle } from './lifecycle';
import { createLogger } from '../logging/logger';

interface PendingTimer {
  delayMs: number;
  fire: () => void;
}

function setUp(steps: ShutdownStep[] = []) {
  const lines: string[] = [];
  const logger = createLogger({ app: 'test', level: 'info', destination: { write: (line) => lines.push(line) } });
  const timers = new Set<PendingTimer>();
  const events = new EventEmitter();
  const exit = jest.fn<void, [number]>();
  const lifecycle = createLifecycle({
    logger,
    steps,
    exit,
    forceAfterMs: 10_000,
    events,
    startTimer: (fire, delayMs) => {
      const timer = { delayMs, fire };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  });
  /** Fires the timer of that length, waiting until there is one. */
  const pass = async (delayMs: number) => {
    for (;;) {
      const due = [...timers].find((timer) => timer.delayMs === delayMs);
      if (due) return due.fire();
      await Promise.resolve();
    }
  };
  const messages = () => lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  return { lifecycle, steps, events, exit, timers, pass, lines, messages };
}

const step = (name: string, run: ShutdownStep['run']): ShutdownStep => ({ name, timeoutMs: 500, run });
const hang = () => new Promise<void>(() => undefined);

describe('a lifecycle', () => {
  test.each(['SIGTERM', 'SIGINT'])('on %s runs the steps in order and exits with 0', async (signal) => {
    const order: string[] = [];
    const later = async (name: string) => {
      await Promise.resolve();
      order.push(name);
    };
    const { lifecycle, events, exit, timers } = setUp([
      step('take', () => later('take')),
      step('drain', () => void order.push('drain')),
      step('redis', () => later('redis')),
    ]);
    lifecycle.markReady();
    expect(lifecycle.state()).toBe('ready');
    events.emit(signal, signal);
    expect(lifecycle.state()).toBe('draining');
    await lifecycle.shutdown('again');
    expect(order).toEqual(['take', 'drain', 'redis']);
    expect(exit.mock.calls).toEqual([[0]]);
    expect(lifecycle.state()).toBe('stopped');
    expect(timers.size).toBe(0);
  });

  test('does not start over at a second signal', async () => {
    const run = jest.fn();
    const { lifecycle, events, exit } = setUp([step('drain', run)]);
    events.emit('SIGTERM');
    events.emit('SIGTERM');
    events.emit('SIGINT');
    await lifecycle.shutdown('again');
    expect(run).toHaveBeenCalledTimes(1);
    expect(exit).toHaveBeenCalledTimes(1);
  });

  test('goes on after steps that fail, and exits with 1', async () => {
    const last = jest.fn();
    const { lifecycle, exit, messages } = setUp([
      step('rejects', () => Promise.reject(new Error('a'))),
      step('throws', () => {
        throw new Error('b');
      }),
      step('last', last),
    ]);
    await lifecycle.shutdown('test');
    expect(last).toHaveBeenCalledTimes(1);
    expect(exit.mock.calls).toEqual([[1]]);
    expect(messages().filter((message) => message.includes('step failed'))).toHaveLength(2);
  });

  test('leaves a step behind that overruns, says which, and swallows how it ends', async () => {
    const last = jest.fn();
    let fail = (_error: Error) => {};
    const slow = () => new Promise<void>((_resolve, reject) => (fail = reject));
    const { lifecycle, exit, pass, lines } = setUp([step('slow', slow), step('last', last)]);
    const done = lifecycle.shutdown('test');
    await pass(500);
    await done;
    fail(new Error('too late'));
    expect(last).toHaveBeenCalledTimes(1);
    expect(exit.mock.calls).toEqual([[1]]);
    expect(lines.filter((line) => line.includes('"step":"slow"'))).toHaveLength(1);
  });

  test.each([
    ['the last step', []],
    ['a step before the last', [step('last', () => Promise.reject(new Error('it ran')))]],
  ])('exits with 1, once, when the whole takes too long in %s, and runs no further one', async (_where, rest) => {
    const { lifecycle, exit, pass, lines } = setUp([step('hangs', hang), ...rest]);
    const done = lifecycle.shutdown('test');
    await pass(10_000);
    expect(exit.mock.calls).toEqual([[1]]);
    expect(lifecycle.state()).toBe('stopped');
    await pass(500);
    await done;
    expect(exit).toHaveBeenCalledTimes(1);
    expect(lines.join('')).not.toContain('it ran');
  });

  test.each(['uncaughtException', 'unhandledRejection'])(
    'logs one line on %s, runs the steps and exits with 1',
    async (kind) => {
      const run = jest.fn();
      const { lifecycle, events, exit, lines } = setUp([step('drain', run)]);
      lifecycle.markReady();
      events.emit(kind, new Error('boom'));
      events.emit(kind, new Error('boom again'));
      await lifecycle.shutdown('again');
      expect(lines.filter((line) => line.includes('boom'))).toHaveLength(1);
      expect(run).toHaveBeenCalledTimes(1);
      expect(exit.mock.calls).toEqual([[1]]);
    },
  );

  test('exits with 1 when something crashes while it drains', async () => {
    const { lifecycle, events, exit } = setUp([step('drain', () => void events.emit('unhandledRejection', 'text'))]);
    await lifecycle.shutdown('test');
    expect(exit.mock.calls).toEqual([[1]]);
  });

  test('can be stopped while it starts, with the steps that exist by then', async () => {
    const run = jest.fn();
    const { lifecycle, steps, exit } = setUp();
    steps.push(step('appended', run));
    const done = lifecycle.shutdown('test');
    lifecycle.markReady();
    expect(lifecycle.state()).toBe('draining');
    await done;
    expect(run).toHaveBeenCalledTimes(1);
    expect(exit.mock.calls).toEqual([[0]]);
  });

  test('listens once to each event, and no more once it stopped or was disposed of', async () => {
    const kinds = ['SIGTERM', 'SIGINT', 'uncaughtException', 'unhandledRejection'];
    const count = (events: EventEmitter) => kinds.map((kind) => events.listenerCount(kind));
    const stopped = setUp();
    expect(count(stopped.events)).toEqual([1, 1, 1, 1]);
    await stopped.lifecycle.shutdown('test');
    expect(count(stopped.events)).toEqual([0, 0, 0, 0]);
    const disposed = setUp();
    disposed.lifecycle.dispose();
    expect(count(disposed.events)).toEqual([0, 0, 0, 0]);
    expect(disposed.exit).not.toHaveBeenCalled();
  });
});

describe('assertTransition', () => {
  const states: LifecycleState[] = ['starting', 'ready', 'draining', 'stopped'];
  const allowed = ['starting-ready', 'starting-draining', 'ready-draining', 'draining-stopped'];

  test.each(states.flatMap((from) => states.map((to) => [from, to] as const)))('from %s to %s', (from, to) => {
    const run = () => assertTransition(from, to);
    if (allowed.includes(`${from}-${to}`)) expect(run).not.toThrow();
    else expect(run).toThrow(`from ${from} to ${to}`);
  });
});
