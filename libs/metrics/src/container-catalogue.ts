import type { MetricDefinition } from './definition';

/**
 * What every application exports of the container (control group) it runs in, beside the `process_*` and `nodejs_*`
 * series of prom-client. A limit that is not set has no series; outside a control group there are none at all.
 */
export const containerCatalogue = {
  containerMemory: {
    name: 'reranker_container_memory_usage_bytes',
    type: 'gauge',
    help: 'Memory that the control group of the process uses, without file cache that can be dropped at once.',
    unit: 'bytes',
    labels: {},
    app: 'every',
    fromArticle: false,
  },
  containerMemoryLimit: {
    name: 'reranker_container_memory_limit_bytes',
    type: 'gauge',
    help: 'Memory at which the control group of the process is killed.',
    unit: 'bytes',
    labels: {},
    app: 'every',
    fromArticle: false,
  },
  containerCpu: {
    name: 'reranker_container_cpu_seconds_total',
    type: 'counter',
    help: 'Processor time that the control group of the process has used.',
    unit: 'seconds',
    labels: {},
    app: 'every',
    fromArticle: false,
  },
  containerCpuLimit: {
    name: 'reranker_container_cpu_limit_cores',
    type: 'gauge',
    help: 'Cores that the control group of the process may use.',
    unit: 'cores',
    labels: {},
    app: 'every',
    fromArticle: false,
  },
} as const satisfies Record<string, MetricDefinition>;
