import type { MetricDefinition } from './definition';

/** Workers of one machine report the same device: aggregate with `max by (uuid)`, never with `sum`. */
const device = {
  gpu: { meaning: 'index of the device on its machine' },
  uuid: { meaning: 'unique id of the device from its driver' },
};

/** A worker's metrics of the NVIDIA devices that it sees. Without a device there are none. */
export const gpuCatalogue = {
  gpuMemoryUsage: {
    name: 'reranker_gpu_memory_usage_bytes',
    type: 'gauge',
    help: 'Memory of the device in use by all processes.',
    unit: 'bytes',
    labels: device,
    app: 'worker',
    fromArticle: true,
  },
  gpuMemoryTotal: {
    name: 'reranker_gpu_memory_total_bytes',
    type: 'gauge',
    help: 'Total memory of the device.',
    unit: 'bytes',
    labels: device,
    app: 'worker',
  },
  gpuUtilization: {
    name: 'reranker_gpu_utilization_percent',
    type: 'gauge',
    help: 'Share of the last sampling period in which at least one kernel ran, 0 to 100. It shows whether the device is busy, not whether it is efficient: compare it with the batch size.',
    unit: 'percent',
    labels: device,
    app: 'worker',
    fromArticle: true,
  },
  gpuTemperature: {
    name: 'reranker_gpu_temperature_celsius',
    type: 'gauge',
    help: 'Temperature of the device.',
    unit: 'celsius',
    labels: device,
    app: 'worker',
  },
  gpuXidErrors: {
    name: 'reranker_gpu_xid_errors_total',
    type: 'counter',
    help: 'Xid errors that the driver reported in the kernel log since the worker started. Absent if the log cannot be read.',
    unit: 'errors',
    labels: device,
    app: 'worker',
  },
} as const satisfies Record<string, MetricDefinition>;
