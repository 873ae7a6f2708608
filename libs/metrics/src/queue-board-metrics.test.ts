import { queueStates } from './labels';
import { createQueueBoardMetrics, type QueueFacts } from './queue-board-metrics';
import { parsePage } from './testing';

const facts: QueueFacts = {
  queue: 'e5@1',
  jobs: { prioritized: 3, waiting: 0, active: 2, delayed: 0, failed: 1 },
  oldestWaitingMs: 1500,
  workers: 2,
  isPaused: false,
  inFlightTokens: 640,
  tokensPerSecond: 320,
};

test('every figure of a queue has its series, in base units', async () => {
  const metrics = createQueueBoardMetrics();
  metrics.queueRead(facts);
  metrics.exporterUp(true);
  const page = parsePage(await metrics.render());
  for (const state of queueStates) {
    expect(page.value('reranker_queue_jobs', { queue: 'e5@1', state })).toBe(facts.jobs[state]);
  }
  expect(page.value('reranker_queue_oldest_waiting_seconds', { queue: 'e5@1' })).toBe(1.5);
  expect(page.value('reranker_queue_workers', { queue: 'e5@1' })).toBe(2);
  expect(page.value('reranker_queue_paused', { queue: 'e5@1' })).toBe(0);
  expect(page.value('reranker_queue_in_flight_tokens', { queue: 'e5@1' })).toBe(640);
  expect(page.value('reranker_queue_tokens_per_second', { queue: 'e5@1' })).toBe(320);
  expect(page.value('reranker_queue_exporter_up')).toBe(1);
});

test('before the first reading there is no queue, and the exporter is not up', async () => {
  const page = parsePage(await createQueueBoardMetrics().render());
  expect(page.value('reranker_queue_exporter_up')).toBe(0);
  expect(page.samples.filter(({ labels }) => 'queue' in labels)).toEqual([]);
});

test('a queue that is gone leaves no series behind', async () => {
  const metrics = createQueueBoardMetrics();
  metrics.queueRead(facts);
  metrics.queueRead({ ...facts, queue: 'e5@2', isPaused: true });
  metrics.queueGone('e5@1');
  const page = parsePage(await metrics.render());
  const queues = page.samples.map(({ labels }) => labels['queue']).filter((queue) => queue !== undefined);
  expect(new Set(queues)).toEqual(new Set(['e5@2']));
  expect(page.value('reranker_queue_paused', { queue: 'e5@2' })).toBe(1);
});
