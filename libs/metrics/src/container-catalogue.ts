import type { MetricDefinition } from './definition';

/**
 * Metrics of every application about its container (control group), besides the `process_*` and `nodejs_*` series of
 * prom-client. A limit that is not set has no series. Outside of a control group there are none.
 */
export const containerCatalogue = {
  containerMemory: {
    name: 'reranker_container_memory_usage_bytes',
    type: 'gauge',
    help: 'Memory in use by the control group of the process, without file cache that can be dropped immediately.',
    unit: 'bytes',
    labels: {},
    app: 'every',
  },
  containerMemoryLimit: {
    name: 'reranker_container_memory_limit_bytes',
    type: 'gauge',
    help: 'Memory limit of the control group of the process; above it the kernel kills the process.',
    unit: 'bytes',
    labels: {},
    app: 'every',
  },
  containerCpu: {
    name: 'reranker_container_cpu_seconds_total',
    type: 'counter',
    help: 'CPU time used by the control group of the process.',
    unit: 'seconds',
    labels: {},
    app: 'every',
  },
  containerCpuLimit: {
    name: 'reranker_container_cpu_limit_cores',
    type: 'gauge',
    help: 'Cores that the control group of the process may use.',
    unit: 'cores',
    labels: {},
    app: 'every',
  },
} as const satisfies Record<string, MetricDefinition>;
