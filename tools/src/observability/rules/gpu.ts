import type { AlertRule, RecordingRule, RuleGroup } from './rule';

/** Renames DCGM's device label to the workers' label, so that a device that both report counts once. */
function fromDcgm(expr: string): string {
  return `max by (uuid) (label_replace(${expr}, "uuid", "$1", "UUID", "(.+)"))`;
}

/** One series per device, although several workers and DCGM may report the same device. */
const devices: RecordingRule[] = [
  {
    record: 'gpu:reranker_gpu_memory_used:ratio',
    expr:
      'max by (uuid) (reranker_gpu_memory_usage_bytes) / max by (uuid) (reranker_gpu_memory_total_bytes)' +
      ` or ${fromDcgm('DCGM_FI_DEV_FB_USED / (DCGM_FI_DEV_FB_USED + DCGM_FI_DEV_FB_FREE)')}`,
  },
  {
    record: 'gpu:reranker_gpu_temperature_celsius:max',
    expr: `max by (uuid) (reranker_gpu_temperature_celsius) or ${fromDcgm('DCGM_FI_DEV_GPU_TEMP')}`,
  },
];

const alerts: AlertRule[] = [
  {
    alert: 'RerankerGpuMemoryFull',
    when: [{ value: 'gpu:reranker_gpu_memory_used:ratio', operator: '>', limit: 0.95 }],
    for: '10m',
    severity: 'ticket',
    summary: 'GPU {{ $labels.uuid }} uses {{ $value | humanizePercentage }} of its memory.',
    description: 'The next batch may not fit, even with a single row. Check which other processes use the device.',
  },
  {
    alert: 'RerankerGpuXid',
    when: [{ value: 'max by (uuid) (increase(reranker_gpu_xid_errors_total[10m]))', operator: '>', limit: 0 }],
    severity: 'page',
    summary:
      'The driver reported Xid errors on GPU {{ $labels.uuid }}: {{ $value | printf "%.0f" }} in the last ten minutes.',
    description: 'The device or its driver is faulty. Look up the Xid number from the kernel log: it says what to do.',
  },
  {
    alert: 'RerankerGpuXidDcgm',
    when: [
      { value: 'max by (UUID) (DCGM_FI_DEV_XID_ERRORS)', operator: '>', limit: 0 },
      { value: 'max by (UUID) (changes(DCGM_FI_DEV_XID_ERRORS[10m]))', operator: '>', limit: 0 },
    ],
    severity: 'page',
    summary: 'DCGM reports Xid error {{ $value }} on GPU {{ $labels.UUID }}.',
    description: 'The device or its driver is faulty. The Xid number says what to do.',
  },
  {
    alert: 'RerankerGpuHot',
    when: [{ value: 'gpu:reranker_gpu_temperature_celsius:max', operator: '>', limit: 85 }],
    for: '5m',
    severity: 'ticket',
    summary: 'The temperature of GPU {{ $labels.uuid }} is {{ $value }} degrees Celsius.',
    description: 'The device will throttle itself. Check its cooling and the load of neighbouring devices.',
  },
];

/** Recording rules and alerts for GPUs. */
export const gpuGroup: RuleGroup = { name: 'reranker-gpu', rules: [...devices, ...alerts] };
