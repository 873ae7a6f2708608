import perfHooks, { createHistogram } from 'node:perf_hooks';
import { Registry } from 'prom-client';
import { eventLoopMetrics } from './event-loop-metrics';
import { createQueueBoardMetrics } from './queue-board-metrics';
import { parsePage } from './testing';

/** A page whose timer fired at these intervals, ms. */
function setUp({ active = [0] }: { active?: number[] } = {}) {
  const intervals = createHistogram();
  const registry = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>();
  const readings = [...active];
  eventLoopMetrics(registry, { intervals, activeMs: () => readings.shift() ?? 0 });
  return {
    fired: (...everyMs: number[]) => everyMs.forEach((ms) => intervals.record(ms * 1e6)),
    scrape: async () => parsePage(await registry.metrics()),
  };
}

const lag = (statistic: string) => `nodejs_eventloop_lag_${statistic}_seconds`;

describe('the lag of the event loop', () => {
  // the timer is due every 200 ms
  test.each([
    ['min', 0],
    ['p50', 0],
    ['mean', 0.5],
    ['p90', 1.5],
    ['p99', 1.5],
    ['max', 1.5],
    ['stddev', 0.707],
  ])('is how much later than due the timer fired: %s', async (statistic, seconds) => {
    const { fired, scrape } = setUp();
    fired(200, 200, 200, 200, 1700, 1700);
    expect((await scrape()).value(lag(statistic))).toBeCloseTo(seconds, 2);
  });

  test.each(['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'])(
    'is 0 while the timer has not fired, and begins anew after a scrape: %s',
    async (statistic) => {
      const { fired, scrape } = setUp();
      expect((await scrape()).value(lag(statistic))).toBe(0);
      fired(400, 600);
      expect((await scrape()).value(lag(statistic))).toBeGreaterThan(0.09);
      expect((await scrape()).value(lag(statistic))).toBe(0);
    },
  );

  test('is 0 for a timer that fires early', async () => {
    const { fired, scrape } = setUp();
    fired(199, 199);
    expect((await scrape()).value(lag('mean'))).toBe(0);
  });
});

test('the active time is counted from the start of the process, whatever the scrapes', async () => {
  const { scrape } = setUp({ active: [1_500, 1_500, 4_000] });
  const pages = [await scrape(), await scrape(), await scrape()];
  expect(pages.map((page) => page.value('reranker_event_loop_active_seconds_total'))).toEqual([1.5, 1.5, 4]);
});

test('measuring wakes an idle application at most five times per second', () => {
  const monitor = jest.spyOn(perfHooks, 'monitorEventLoopDelay');
  createQueueBoardMetrics();
  const intervalsMs = monitor.mock.calls.map(([options]) => options?.resolution ?? 10);
  expect(intervalsMs.length).toBeGreaterThan(0);
  expect(Math.min(...intervalsMs)).toBeGreaterThanOrEqual(200);
  monitor.mockRestore();
});

test('an application has one series of each statistic, and its own active time', async () => {
  const page = parsePage(await createQueueBoardMetrics().render());
  const names = [...page.types.keys()].filter((name) => name.startsWith('nodejs_eventloop_lag_'));
  expect(names.sort()).toEqual(
    ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map(lag).concat('nodejs_eventloop_lag_seconds').sort(),
  );
  expect(page.value('reranker_event_loop_active_seconds_total')).toBeGreaterThan(0);
});
