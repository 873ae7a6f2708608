import type { ContainerUsage } from './container-metrics';
import { createQueueBoardMetrics } from './queue-board-metrics';
import { parsePage } from './testing';

const limited: ContainerUsage = { memoryBytes: 300, memoryLimitBytes: 1000, cpuSeconds: 7.5, cpuLimitCores: 2 };

async function pageOf(container?: () => ContainerUsage | undefined) {
  return parsePage(await createQueueBoardMetrics(container && { container }).render());
}

test('use and limits of the container are read at each scrape', async () => {
  let usage = limited;
  const metrics = createQueueBoardMetrics({ container: () => usage });
  const first = parsePage(await metrics.render());
  expect(first.value('reranker_container_memory_usage_bytes')).toBe(300);
  expect(first.value('reranker_container_memory_limit_bytes')).toBe(1000);
  expect(first.value('reranker_container_cpu_limit_cores')).toBe(2);
  usage = { ...limited, memoryBytes: 400, cpuSeconds: 8 };
  const second = parsePage(await metrics.render());
  expect(second.value('reranker_container_memory_usage_bytes')).toBe(400);
});

test('processor time is what the group has used, from the first scrape on', async () => {
  let cpuSeconds = 7.5;
  const metrics = createQueueBoardMetrics({ container: () => ({ ...limited, cpuSeconds }) });
  expect(parsePage(await metrics.render()).value('reranker_container_cpu_seconds_total')).toBe(7.5);
  cpuSeconds = 9;
  expect(parsePage(await metrics.render()).value('reranker_container_cpu_seconds_total')).toBe(9);
});

test('a limit that is not set has no series', async () => {
  const page = await pageOf(() => ({ ...limited, memoryLimitBytes: undefined, cpuLimitCores: undefined }));
  expect(page.value('reranker_container_memory_limit_bytes')).toBeUndefined();
  expect(page.value('reranker_container_cpu_limit_cores')).toBeUndefined();
  expect(page.value('reranker_container_memory_usage_bytes')).toBe(300);
});

test.each([
  ['without a control group', () => undefined],
  ['without a reader', undefined],
])('%s there are no series of a container', async (_name, reader) => {
  const page = await pageOf(reader);
  expect([...page.types.keys()].filter((name) => name.startsWith('reranker_container_'))).toEqual([]);
});
