import { randomUUID } from 'node:crypto';
import { createQueueBoardMetrics } from '@rerank-fleet/metrics';
import { parsePage, type Page } from '@rerank-fleet/metrics/testing';
import { openQueueObserver, openWorkerQueue } from '@rerank-fleet/queue';
import { someAnnouncement, startTestRedis, type TestRedis } from '@rerank-fleet/queue/testing';
import { startOpsServer } from '@rerank-fleet/service-shell';
import { startExporter } from './exporter';

const queue = 'tiny@1';
const bundle = { name: 'tiny', version: '1' };
const announcement = someAnnouncement('a', { tokensPerSecond: 70 });

let redis: TestRedis;
const closers: (() => unknown)[] = [];

beforeAll(async () => (redis = await startTestRedis()));
afterEach(async () => {
  redis.wake();
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(() => redis.stop());

/** An exporter and its ops server over a fleet of one worker. */
async function started() {
  const prefix = randomUUID();
  const shared = { redis: redis.server, prefix, onError: () => undefined };
  const worker = await openWorkerQueue({
    ...shared,
    workerId: 'a',
    bundle,
    announcement: () => ({ ...announcement, aliases: [] }),
    onStalled: () => undefined,
  });
  closers.push(worker.close);
  await worker.join();
  const observer = openQueueObserver(shared);
  closers.push(observer.close);
  const metrics = createQueueBoardMetrics();
  const ignore = { onQueues: () => undefined, onError: () => undefined };
  const exporter = startExporter({ observer, metrics, pollMs: 20, ...ignore });
  closers.push(exporter.stop);
  const isReady = () => ({ ready: exporter.isUp(), reasons: [] });
  const logger = { error: () => undefined };
  const ops = await startOpsServer({ host: '127.0.0.1', port: 0, portFallback: false, metrics, isReady, logger });
  closers.push(ops.close);
  const page = async () => parsePage(await (await fetch(`${ops.url}/metrics`)).text());
  return { bull: observer.bullQueue(queue), page, ready: async () => (await fetch(`${ops.url}/ready`)).status };
}

/** Waits for a page that meets a condition. */
async function pageWhere(page: () => Promise<Page>, holds: (page: Page) => boolean): Promise<Page> {
  for (;;) {
    const read = await page();
    if (holds(read)) return read;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('the page shows the content of real queues, and the same marked as stale while Redis hangs', async () => {
  const { bull, page, ready } = await started();
  await bull.pause();
  for (const priority of [1, 5, 5]) await bull.add('rerank', {}, { priority });
  const jobs = (read: Page) => read.value('reranker_queue_jobs', { queue, state: 'prioritized' });
  const full = await pageWhere(page, (read) => jobs(read) === 3);
  const gauges = ['workers', 'paused', 'tokens_per_second'].map((name) =>
    full.value(`reranker_queue_${name}`, { queue }),
  );
  expect(gauges).toEqual([1, 1, 70]);
  expect([full.value('reranker_queue_exporter_up'), await ready()]).toEqual([1, 200]);
  redis.hang();
  const old = await pageWhere(page, (read) => read.value('reranker_queue_exporter_up') === 0);
  expect([jobs(old), await ready()]).toEqual([3, 503]);
  redis.wake();
  await pageWhere(page, (read) => read.value('reranker_queue_exporter_up') === 1);
});
