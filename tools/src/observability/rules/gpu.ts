import type { AlertRule, RecordingRule, RuleGroup } from './rule';

/** Names a device of DCGM as our workers name it, so that one seen by both is one. */
function fromDcgm(expr: string): string {
  return `max by (uuid) (label_replace(${expr}, "uuid", "$1", "UUID", "(.+)"))`;
}

/** Several workers see the same device, and DCGM sees it too. */
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
    summary: 'GPU {{ $labels.uuid }} has {{ $value | humanizePercentage }} of its memory in use.',
    description: 'The next batch may not fit, down to a single row. Who else uses the device?',
  },
  {
    alert: 'RerankerGpuXid',
    when: [{ value: 'max by (uuid) (increase(reranker_gpu_xid_errors_total[10m]))', operator: '>', limit: 0 }],
    severity: 'page',
    summary:
      'The driver reported Xid errors of GPU {{ $labels.uuid }}: {{ $value | printf "%.0f" }} in the last ten minutes.',
    description: 'The device or its driver is at fault. The kernel log has the number, which says what to do.',
  },
  {
    alert: 'RerankerGpuXidDcgm',
    when: [
      { value: 'max by (UUID) (DCGM_FI_DEV_XID_ERRORS)', operator: '>', limit: 0 },
      { value: 'max by (UUID) (changes(DCGM_FI_DEV_XID_ERRORS[10m]))', operator: '>', limit: 0 },
    ],
    severity: 'page',
    summary: 'DCGM reports Xid error {{ $value }} of GPU {{ $labels.UUID }}.',
    description: 'The device or its driver is at fault; the number says what to do.',
  },
  {
    alert: 'RerankerGpuHot',
    when: [{ value: 'gpu:reranker_gpu_temperature_celsius:max', operator: '>', limit: 85 }],
    for: '5m',
    severity: 'ticket',
    summary: 'GPU {{ $labels.uuid }} has {{ $value }} degrees Celsius.',
    description: 'It will slow itself down. Cooling, or a neighbour that heats the room.',
  },
];

/** What is seen of GPUs, and what is wrong with them. */
export const gpuGroup: RuleGroup = { name: 'reranker-gpu', rules: [...devices, ...alerts] };
