import { createWorkerMetrics } from './worker-metrics';
import { parsePage } from './testing';

const options = { model: 'm', queue: 'm@1', provider: 'cuda', revision: 'r', dtype: 'fp16', sessions: 1 };
const first = { gpu: '0', uuid: 'GPU-a' };
const second = { gpu: '1', uuid: 'GPU-b' };
const figures = { memoryUsedBytes: 10, memoryTotalBytes: 40, utilizationPercent: 55, temperatureCelsius: 61 };

function gpuSamples(text: string) {
  return parsePage(text).samples.filter(({ name }) => name.startsWith('reranker_gpu_'));
}

test('without a device there is not one sample, not even a zero', async () => {
  expect(gpuSamples(await createWorkerMetrics(options).render())).toEqual([]);
});

test('each device has its own figures', async () => {
  const metrics = createWorkerMetrics(options);
  metrics.gpusSampled([
    { ...first, ...figures },
    { ...second, ...figures, utilizationPercent: 0 },
  ]);
  const page = parsePage(await metrics.render());
  expect(page.value('reranker_gpu_memory_usage_bytes', first)).toBe(10);
  expect(page.value('reranker_gpu_memory_total_bytes', first)).toBe(40);
  expect(page.value('reranker_gpu_temperature_celsius', first)).toBe(61);
  expect(page.value('reranker_gpu_utilization_percent', first)).toBe(55);
  expect(page.value('reranker_gpu_utilization_percent', second)).toBe(0);
});

test('a figure that the driver does not give, or a device that is gone, has no series', async () => {
  const metrics = createWorkerMetrics(options);
  metrics.gpusSampled([
    { ...first, ...figures },
    { ...second, ...figures },
  ]);
  metrics.gpusSampled([{ ...first, ...figures, temperatureCelsius: undefined }]);
  const page = parsePage(await metrics.render());
  expect(page.value('reranker_gpu_temperature_celsius', first)).toBeUndefined();
  expect(page.value('reranker_gpu_memory_usage_bytes', second)).toBeUndefined();
  expect(page.value('reranker_gpu_memory_usage_bytes', first)).toBe(10);
});

test('Xid errors begin at 0 once they can be followed, and are counted by device', async () => {
  const metrics = createWorkerMetrics(options);
  metrics.gpuXidWatched([first, second]);
  metrics.gpuXid(second);
  const page = parsePage(await metrics.render());
  expect(page.value('reranker_gpu_xid_errors_total', first)).toBe(0);
  expect(page.value('reranker_gpu_xid_errors_total', second)).toBe(1);
});
