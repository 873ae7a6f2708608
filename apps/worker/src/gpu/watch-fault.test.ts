import { type LineListener, startProgram } from './line-source';
import type { GpuReading } from './nvidia-smi';
import { startGpuWatch } from './watch';

// no real program of a test can hang so that not even SIGKILL ends it, as nvidia-smi does in a broken driver
jest.mock('./line-source', () => ({ startProgram: jest.fn() }));

const reading = '0, GPU-a, 00000000:65:00.0, 5, 100, 12, 50';
const xid = "NVRM: Xid (PCI:0000:65:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.";
const logger = { info: () => undefined, warn: () => undefined };

/** Who listens to each program, by its name; none of them ends by being stopped. */
let started: Map<string, LineListener>;
let sampled: string[][];
let xids: string[];

beforeEach(() => {
  jest.useFakeTimers();
  started = new Map();
  sampled = [];
  xids = [];
  jest.mocked(startProgram).mockImplementation((command, { listener }) => {
    started.set(command, listener);
    return { stop: () => undefined };
  });
});
afterEach(() => jest.useRealTimers());

function start() {
  const metrics = {
    gpusSampled: (samples: readonly Pick<GpuReading, 'gpu'>[]) => void sampled.push(samples.map(({ gpu }) => gpu)),
    gpuXidWatched: () => undefined,
    gpuXid: ({ gpu }: { gpu: string }) => void xids.push(gpu),
  };
  return startGpuWatch({ metrics, logger, env: {} });
}

test('a program that hangs, and cannot be killed, takes its figures away', () => {
  const watch = start();
  started.get('nvidia-smi')?.line(reading);
  jest.advanceTimersByTime(10_000);
  expect(sampled.at(-1)).toEqual(['0']);
  jest.advanceTimersByTime(1_000);
  expect(sampled.at(-1)).toEqual([]);
  watch.stop();
});

test('an Xid error counts for its device although readings of it have ended', () => {
  const watch = start();
  started.get('nvidia-smi')?.line(reading);
  started.get('nvidia-smi')?.ended({ isMissing: false });
  expect(sampled.at(-1)).toEqual([]);
  started.get('setpriv')?.line(xid);
  expect(xids).toEqual(['0']);
  watch.stop();
});

test('without nvidia-smi no timer is left; with one that fails it is started again', () => {
  start();
  started.get('nvidia-smi')?.ended({ isMissing: true });
  expect(jest.getTimerCount()).toBe(0);

  const watch = start();
  started.get('nvidia-smi')?.ended({ isMissing: false });
  started.clear();
  jest.advanceTimersByTime(30_000);
  expect([...started.keys()]).toEqual(['nvidia-smi']);
  watch.stop();
  expect(jest.getTimerCount()).toBe(0);
});
