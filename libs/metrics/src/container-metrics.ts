import type { Counter, Gauge } from 'prom-client';
import { containerCatalogue } from './container-catalogue';
import type { GaugeDefinition } from './definition';
import type { MetricsRegistry } from './instruments';
import { counter, gauge } from './instruments';

/** Usage and limits of a control group. */
export interface ContainerUsage {
  memoryBytes: number;
  /** Undefined without a limit. */
  memoryLimitBytes: number | undefined;
  /** Since the creation of the group. */
  cpuSeconds: number;
  /** Undefined without a limit. */
  cpuLimitCores: number | undefined;
}

/** Reads the current usage; undefined without a control group. It is called at each scrape, so it must be fast. */
export type ContainerReader = () => ContainerUsage | undefined;

/** Registers the container's series, which are read at each scrape. Without a reader or a group there are none. */
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

/** A gauge without a sample while its value is undefined. */
function optionalGauge(registry: MetricsRegistry, definition: GaugeDefinition, value: () => number | undefined): void {
  const metric: Gauge = gauge(registry, definition, () => {
    const current = value();
    if (current === undefined) metric.remove();
    else metric.set(current);
  });
}
