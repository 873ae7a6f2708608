import { type AlertCases, counter, gauge } from './case';

const gpu = 'gpu="0",uuid="GPU-a"';

function dcgmMemory(uuid: string, used: number): Record<string, string> {
  return {
    [`DCGM_FI_DEV_FB_USED{gpu="0",UUID="${uuid}"}`]: `${Math.round(used * 1000)}x60`,
    [`DCGM_FI_DEV_FB_FREE{gpu="0",UUID="${uuid}"}`]: `${Math.round((1 - used) * 1000)}x60`,
  };
}

/** Two workers report the same device; the expected result is one alert. */
function gpuMemory(fires: number, silent: number, share: string): AlertCases {
  const series = (used: number) =>
    Object.fromEntries(
      ['a:1', 'b:1'].flatMap((instance) => [
        [`reranker_gpu_memory_usage_bytes{${gpu},instance="${instance}"}`, `${used * 1000}x60`],
        [`reranker_gpu_memory_total_bytes{${gpu},instance="${instance}"}`, '1000x60'],
      ]),
    );
  const summary = `GPU GPU-a uses ${share} of its memory.`;
  return {
    fires: { series: series(fires), at: '20m', expect: [{ labels: { uuid: 'GPU-a' }, summary }] },
    silent: { series: series(silent), at: '20m', expect: [] },
    more: {
      'fires once for a device that DCGM also reports, and for a device that only DCGM reports': {
        series: { ...series(fires), ...dcgmMemory('GPU-a', fires), ...dcgmMemory('GPU-b', fires) },
        at: '20m',
        expect: ['GPU-a', 'GPU-b'].map((uuid) => ({
          labels: { uuid },
          summary: `GPU ${uuid} uses ${share} of its memory.`,
        })),
      },
    },
  };
}

/** Cases of the alerts on GPUs. */
export const devices: Record<string, AlertCases> = {
  RerankerGpuMemoryHigh: gpuMemory(0.92, 0.89, '92%'),
  RerankerGpuMemoryFull: gpuMemory(0.97, 0.94, '97%'),
  RerankerGpuXid: counter(
    `reranker_gpu_xid_errors_total{${gpu}}`,
    '20m',
  )({
    labels: { uuid: 'GPU-a' },
    summary: 'The driver reported Xid errors on GPU GPU-a: 10 in the last ten minutes.',
  }),
  RerankerGpuXidDcgm: {
    fires: {
      series: { 'DCGM_FI_DEV_XID_ERRORS{UUID="GPU-a"}': '0x5 79x60' },
      at: '10m',
      expect: [{ labels: { UUID: 'GPU-a' }, summary: 'DCGM reports Xid error 79 on GPU GPU-a.' }],
    },
    // DCGM keeps reporting the last error number: only a change counts
    silent: { series: { 'DCGM_FI_DEV_XID_ERRORS{UUID="GPU-a"}': '79x60' }, at: '20m', expect: [] },
  },
  RerankerGpuHot: gauge(`reranker_gpu_temperature_celsius{${gpu}}`, { fires: 90, silent: 84 })({
    labels: { uuid: 'GPU-a' },
    summary: 'The temperature of GPU GPU-a is 90 degrees Celsius.',
  }),
};
