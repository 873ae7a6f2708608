import { createQueueBoardMetrics } from '@rerank-fleet/metrics';
import { parsePage } from '@rerank-fleet/metrics/testing';
import type { QueueReading } from '@rerank-fleet/queue';
import { startExporter, type Exporter } from './exporter';

const reading: QueueReading = {
  queue: 'tiny@1',
  jobs: { prioritized: 2, waiting: 0, active: 1, delayed: 0, failed: 0 },
  oldestWaitingMs: 500,
  isPaused: false,
  workers: 1,
  inFlightTokens: 12,
  tokensPerSecond: 90,
};

let exporter: Exporter | undefined;
beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  exporter?.stop();
  jest.useRealTimers();
});

/** An exporter with the given readings, in order; an error stands for an unreachable Redis. */
function started(readings: (QueueReading[] | Error)[]) {
  const metrics = createQueueBoardMetrics();
  const shown: (readonly string[])[] = [];
  const errors: Error[] = [];
  const read = async () => {
    const next = readings.shift() ?? [];
    if (next instanceof Error) throw next;
    return next;
  };
  exporter = startExporter({
    observer: { read },
    metrics,
    pollMs: 1_000,
    onQueues: (queues) => shown.push(queues),
    onError: (error) => errors.push(error),
  });
  const page = async () => parsePage(await metrics.render());
  return { page, shown, errors, poll: () => jest.advanceTimersByTimeAsync(1_000) };
}

test('reads at once and then at each interval', async () => {
  const { page, poll, shown } = started([[reading], [{ ...reading, oldestWaitingMs: 1_500 }]]);
  await jest.advanceTimersByTimeAsync(0);
  expect((await page()).value('reranker_queue_oldest_waiting_seconds', { queue: 'tiny@1' })).toBe(0.5);
  expect((await page()).value('reranker_queue_exporter_up')).toBe(1);
  await poll();
  expect((await page()).value('reranker_queue_oldest_waiting_seconds', { queue: 'tiny@1' })).toBe(1.5);
  expect(shown).toEqual([['tiny@1'], ['tiny@1']]);
});

test('while Redis is away, the last figures stay and are marked as stale', async () => {
  const { page, poll, errors } = started([[reading], new Error('away'), [reading]]);
  await jest.advanceTimersByTimeAsync(0);
  await poll();
  expect((await page()).value('reranker_queue_exporter_up')).toBe(0);
  expect((await page()).value('reranker_queue_jobs', { queue: 'tiny@1', state: 'prioritized' })).toBe(2);
  expect(errors).toHaveLength(1);
  expect(exporter?.isUp()).toBe(false);
  await poll();
  expect((await page()).value('reranker_queue_exporter_up')).toBe(1);
});

test('drops the series of a queue that no longer exists', async () => {
  const { page, poll, shown } = started([[reading, { ...reading, queue: 'tiny@2' }], [reading]]);
  await jest.advanceTimersByTimeAsync(0);
  await poll();
  expect((await page()).value('reranker_queue_workers', { queue: 'tiny@2' })).toBeUndefined();
  expect((await page()).value('reranker_queue_workers', { queue: 'tiny@1' })).toBe(1);
  expect(shown.at(-1)).toEqual(['tiny@1']);
});

test('does not read after it is stopped', async () => {
  const { poll, shown } = started([[reading], [reading], [reading]]);
  await jest.advanceTimersByTimeAsync(0);
  exporter?.stop();
  await poll();
  expect(shown).toHaveLength(1);
});
