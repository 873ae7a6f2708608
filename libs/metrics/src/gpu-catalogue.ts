import type { MetricDefinition } from './definition';

/** Several workers of one machine see the same device: aggregate with `max by (uuid)`, never with `sum`. */
const device = {
  gpu: { meaning: 'index of the device on its machine' },
  uuid: { meaning: 'unique name of the device that its driver gives' },
};

/** What a worker exports of the NVIDIA devices that it sees. Without one none of these series exists. */
export const gpuCatalogue = {
  gpuMemoryUsage: {
    name: 'reranker_gpu_memory_usage_bytes',
    type: 'gauge',
    help: 'Memory of the device that is in use, by all processes.',
    unit: 'bytes',
    labels: device,
    app: 'worker',
    fromArticle: true,
  },
  gpuMemoryTotal: {
    name: 'reranker_gpu_memory_total_bytes',
    type: 'gauge',
    help: 'Memory that the device has.',
    unit: 'bytes',
    labels: device,
    app: 'worker',
    fromArticle: false,
  },
  gpuUtilization: {
    name: 'reranker_gpu_utilization_percent',
    type: 'gauge',
    help: 'Share of the last sampling period in which at least one kernel ran, 0 to 100. It says busy, not efficient: read it beside the batch size.',
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
    fromArticle: false,
  },
  gpuXidErrors: {
    name: 'reranker_gpu_xid_errors_total',
    type: 'counter',
    help: 'Xid errors that the driver reported in the kernel log since the worker started. Absent where the log cannot be read.',
    unit: 'errors',
    labels: device,
    app: 'worker',
    fromArticle: false,
  },
} as const satisfies Record<string, MetricDefinition>;
