import { gpuCatalogue } from './gpu-catalogue';
import type { MetricsRegistry } from './instruments';
import { counter, gauge } from './instruments';

/** Names one device. */
export interface GpuDevice {
  /** Index on its machine, such as `0`. */
  gpu: string;
  /** Unique name, such as `GPU-7b0c…`. */
  uuid: string;
}

/** One reading of one device. A figure that the driver does not give is undefined, and has no series. */
export interface GpuSample extends GpuDevice {
  memoryUsedBytes: number | undefined;
  memoryTotalBytes: number | undefined;
  /** 0 to 100. */
  utilizationPercent: number | undefined;
  temperatureCelsius: number | undefined;
}

/** Recording methods for devices. Nothing is exported of a device before it was seen. */
export interface GpuRecorders {
  /** The devices as they were read; those that are no longer among them lose their gauges. */
  gpusSampled(samples: readonly GpuSample[]): void;
  /** The Xid errors of these devices can be followed: their counters begin at 0. */
  gpuXidWatched(devices: readonly GpuDevice[]): void;
  /** The driver reported an Xid error. */
  gpuXid(device: GpuDevice): void;
}

/** Makes the recorders. */
export function gpuRecorders(registry: MetricsRegistry): GpuRecorders {
  const gauges = {
    memoryUsedBytes: gauge(registry, gpuCatalogue.gpuMemoryUsage),
    memoryTotalBytes: gauge(registry, gpuCatalogue.gpuMemoryTotal),
    utilizationPercent: gauge(registry, gpuCatalogue.gpuUtilization),
    temperatureCelsius: gauge(registry, gpuCatalogue.gpuTemperature),
  };
  const xidErrors = counter(registry, gpuCatalogue.gpuXidErrors);
  return {
    gpusSampled: (samples) => {
      for (const each of Object.values(gauges)) each.reset();
      for (const { gpu, uuid, ...figures } of samples) {
        for (const [name, value] of Object.entries(figures) as [keyof typeof gauges, number | undefined][]) {
          if (value !== undefined) gauges[name].set({ gpu, uuid }, value);
        }
      }
    },
    gpuXidWatched: (devices) => {
      for (const { gpu, uuid } of devices) xidErrors.inc({ gpu, uuid }, 0);
    },
    gpuXid: ({ gpu, uuid }) => xidErrors.inc({ gpu, uuid }),
  };
}
