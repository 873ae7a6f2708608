import type { QueueBoardMetrics } from '@rerank-fleet/metrics';
import type { QueueObserver } from '@rerank-fleet/queue';

export interface ExporterOptions {
  observer: Pick<QueueObserver, 'read'>;
  metrics: Pick<QueueBoardMetrics, 'queueRead' | 'queueGone' | 'exporterUp'>;
  pollMs: number;
  /** Called with the existing queues after each successful reading. */
  onQueues(queues: readonly string[]): void;
  /** Called for each failed reading. */
  onError(error: Error): void;
}

/** Exports the backlog of the queues. */
export interface Exporter {
  /** Whether the last reading succeeded. */
  isUp(): boolean;
  stop(): void;
}

/** Reads the queues into the metrics at an interval. While Redis is away, the last values stay; `exporterUp` is 0. */
export function startExporter({ observer, metrics, pollMs, onQueues, onError }: ExporterOptions): Exporter {
  let known: string[] = [];
  let isUp = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const readOnce = async () => {
    const readings = await observer.read();
    if (stopped) return;
    for (const reading of readings) metrics.queueRead(reading);
    const names = readings.map(({ queue }) => queue);
    for (const gone of known.filter((name) => !names.includes(name))) metrics.queueGone(gone);
    known = names;
    onQueues(names);
  };
  const poll = async () => {
    try {
      await readOnce();
      isUp = true;
    } catch (error) {
      isUp = false;
      if (!stopped) onError(error as Error);
    }
    metrics.exporterUp(isUp);
    if (!stopped) timer = setTimeout(() => void poll(), pollMs);
  };
  void poll();
  return {
    isUp: () => isUp,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
