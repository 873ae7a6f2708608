import type { Counter, Gauge } from 'prom-client';
import { containerCatalogue } from './container-catalogue';
import type { GaugeDefinition } from './definition';
import type { MetricsRegistry } from './instruments';
import { counter, gauge } from './instruments';

/** What a control group has used and may use. */
export interface ContainerUsage {
  memoryBytes: number;
  /** Undefined without a limit. */
  memoryLimitBytes: number | undefined;
  /** Since the group was made. */
  cpuSeconds: number;
  /** Undefined without a limit. */
  cpuLimitCores: number | undefined;
}

/** Reads the usage now; undefined where there is no control group to read. Must be quick: it is called at each scrape. */
export type ContainerReader = () => ContainerUsage | undefined;

/** Registers the container's series, read anew at each scrape. Without a reader, or a group, there are none. */
export function containerMetrics(registry: MetricsRegistry, read: ContainerReader | undefined): void {
  if (read?.() === undefined) return;
  optionalGauge(registry, containerCatalogue.containerMemory, () => read()?.memoryBytes);
  optionalGauge(registry, containerCatalogue.containerMemoryLimit, () => read()?.memoryLimitBytes);
  optionalGauge(registry, containerCatalogue.containerCpuLimit, () => read()?.cpuLimitCores);
  let countedSeconds = 0;
  const cpu: Counter = counter(registry, containerCatalogue.containerCpu, () => {
    const usedSeconds = read()?.cpuSeconds ?? countedSeconds;
    cpu.inc(Math.max(0, usedSeconds - countedSeconds));
    countedSeconds = Math.max(countedSeconds, usedSeconds);
  });
}

/** A gauge that has no sample while there is no value. */
function optionalGauge(registry: MetricsRegistry, definition: GaugeDefinition, value: () => number | undefined): void {
  const metric: Gauge = gauge(registry, definition, () => {
    const current = value();
    if (current === undefined) metric.remove();
    else metric.set(current);
  });
}
