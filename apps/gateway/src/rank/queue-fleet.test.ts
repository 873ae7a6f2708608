import type { RerankRequest, TruncationSide } from '@rerank-fleet/contract';
import { openWorkerQueue, type TakenJob, type WorkerQueue } from '@rerank-fleet/queue';
import { someAnnouncement, startTestRedis, type TestRedis } from '@rerank-fleet/queue/testing';
import { noSpan, noTracing } from '@rerank-fleet/service-shell';
import { defaultCapacity } from './capacity';
import { openQueueFleet, type QueueFleet } from './queue-fleet';

let redis: TestRedis;
let worker: WorkerQueue;
let fleet: QueueFleet;

beforeAll(async () => {
  redis = await startTestRedis();
  const announcement = someAnnouncement('w1');
  const { bundle } = announcement;
  worker = await openWorkerQueue({
    redis: redis.server,
    prefix: 'test',
    workerId: 'w1',
    bundle,
    announcement: () => announcement,
    onStalled: () => undefined,
    onError: () => undefined,
  });
  await worker.join();
  fleet = await openQueueFleet({
    redis: redis.server,
    redisPrefix: 'test',
    capacity: defaultCapacity,
    modelAliases: new Map([['gte-rerank', 'default']]),
    tracing: noTracing,
    onError: () => undefined,
    onUnreadableOutcome: () => undefined,
    onTrouble: () => undefined,
  });
});
afterAll(async () => {
  await fleet.close();
  await worker.close();
  await redis.stop();
});

const request = (changes: Partial<RerankRequest>): RerankRequest => ({
  model: undefined,
  query: 'q',
  instruction: undefined,
  documents: [],
  topN: undefined,
  returnDocuments: false,
  rawScores: false,
  returnTokens: true,
  maxTokensPerDocument: undefined,
  truncationSide: 'right',
  priority: 0,
  ...changes,
});
const rank = (changes: Partial<RerankRequest>, requestId = 'r') =>
  fleet.rank(request(changes), { requestId, waitMs: 5_000, signal: new AbortController().signal, span: noSpan });

test('a request without documents is answered by the name of its model, and puts no job on the queue', async () => {
  const { bundle } = someAnnouncement('w1');
  expect(await rank({})).toEqual({
    ok: true,
    ranking: {
      requestId: 'r',
      bundle,
      results: [],
      truncated: [],
      tokens: { query: 0, documents: 0 },
      documentTokens: [],
      timings: { queueMs: 0, tokenizationMs: 0, inferenceMs: 0 },
    },
  });
  expect((await redis.client.keys('*')).filter((key) => /:(?:wait|prioritized|marker)$/.test(key))).toEqual([]);
  expect((await fleet.state()).queuedBytes).toBe(0);
});

test('a name that the operator gave means its model', async () => {
  const { bundle } = someAnnouncement('w1');
  for (const model of ['gte-rerank', 'openai/gte-rerank', 'openai/default']) {
    expect(await rank({ model })).toMatchObject({ ok: true, ranking: { bundle } });
  }
});

test('and is refused where no worker has such a model', async () => {
  expect(await rank({ model: 'nobody' })).toMatchObject({ ok: false, failure: { code: 'model_not_found' } });
});

async function nextJob(): Promise<TakenJob> {
  for (let takes = 0; takes < 20; takes++) {
    const take = await worker.take();
    if (take.kind === 'job') return take.taken;
  }
  throw new Error('no job came');
}

test('a job says that the start of a document is to be cut off, only where that was asked for', async () => {
  const asked = async (truncationSide: TruncationSide) => {
    const answer = rank({ documents: ['a'], truncationSide }, truncationSide);
    const { job, settle } = await nextJob();
    const failure = { code: 'query_too_long', message: 'm' } as const;
    await settle({ v: 1, requestId: job.requestId, part: job.part, ok: false, failure });
    expect(await answer).toEqual({ ok: false, failure });
    return job;
  };
  expect(await asked('left')).toHaveProperty('truncationSide', 'left');
  expect(await asked('right')).not.toHaveProperty('truncationSide');
});
