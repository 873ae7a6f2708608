import { gpuCatalogue } from './gpu-catalogue';
import type { MetricsRegistry } from './instruments';
import { counter, gauge } from './instruments';

/** Identifies one device. */
export interface GpuDevice {
  /** Index on its machine, such as `0`. */
  gpu: string;
  /** Unique id, such as `GPU-7b0c…`. */
  uuid: string;
}

/** One reading of one device. A value that the driver does not provide is undefined and has no series. */
export interface GpuSample extends GpuDevice {
  memoryUsedBytes: number | undefined;
  memoryTotalBytes: number | undefined;
  /** 0 to 100. */
  utilizationPercent: number | undefined;
  temperatureCelsius: number | undefined;
}

/** Recording methods for devices. A device has no series before its first reading. */
export interface GpuRecorders {
  /** Records the readings of all devices. Devices that are not among them lose their gauges. */
  gpusSampled(samples: readonly GpuSample[]): void;
  /** Starts the Xid counters of these devices at 0: their errors are now followed. */
  gpuXidWatched(devices: readonly GpuDevice[]): void;
  /** Counts an Xid error. */
  gpuXid(device: GpuDevice): void;
}

/** Creates the recorders. */
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
