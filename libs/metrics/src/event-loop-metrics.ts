import { monitorEventLoopDelay, performance, type Histogram } from 'node:perf_hooks';
import { Gauge, type Counter } from 'prom-client';
import { eventLoopCatalogue } from './event-loop-catalogue';
import { counter, type MetricsRegistry } from './instruments';

/** What is read of the event loop at a scrape. */
export interface EventLoopReader {
  /** Intervals between the firings of a timer of {@link lagTimerMs} since the last reset, ns. */
  intervals: Histogram;
  /** Time in which the loop ran code since the process started. */
  activeMs(): number;
}

/**
 * Interval of the timer that measures the lag. Each firing wakes an idle process. A block that is longer than this is
 * always seen, and by at most this much too short, which is enough for the alert at half a second.
 */
const lagTimerMs = 200;

const statistics: Record<string, (intervals: Histogram) => number> = {
  min: ({ min }) => lagS(min),
  max: ({ max }) => lagS(max),
  mean: ({ mean }) => lagS(mean),
  stddev: ({ stddev }) => stddev / 1e9,
  p50: (intervals) => lagS(intervals.percentile(50)),
  p90: (intervals) => lagS(intervals.percentile(90)),
  p99: (intervals) => lagS(intervals.percentile(99)),
};

function lagS(intervalNs: number): number {
  return Math.max(0, intervalNs / 1e9 - lagTimerMs / 1_000);
}

/**
 * Registers the utilisation of the event loop, and its lag under the names of prom-client's series. The lag is how much
 * later than due a timer fired, since the last scrape; 0 if it did not fire.
 */
export function eventLoopMetrics(registry: MetricsRegistry, reader: EventLoopReader = startReader()): void {
  const { intervals, activeMs } = reader;
  for (const [statistic, read] of Object.entries(statistics)) {
    const name = `nodejs_eventloop_lag_${statistic}_seconds`;
    registry.removeSingleMetric(name);
    new Gauge({
      name,
      help: `Lag of the event loop since the last scrape, ${statistic}.`,
      registers: [registry],
      collect() {
        this.set(intervals.count === 0 ? 0 : read(intervals));
      },
    });
  }
  let countedMs = 0;
  const active: Counter = counter(registry, eventLoopCatalogue.eventLoopActive, () => {
    // metrics are collected in the order of their registration: the readings of this scrape are done
    intervals.reset();
    const nowMs = activeMs();
    active.inc((nowMs - countedMs) / 1_000);
    countedMs = nowMs;
  });
}

function startReader(): EventLoopReader {
  const intervals = monitorEventLoopDelay({ resolution: lagTimerMs });
  intervals.enable();
  return { intervals, activeMs: () => performance.eventLoopUtilization().active };
}
