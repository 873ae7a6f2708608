import type { JobOutcome } from '@rerank-fleet/contract';
import { Queue } from 'bullmq';
import { createInFlight, type InFlight } from './in-flight';
import { createLostPartsCheck } from './lost-parts';
import { startTestRedis, type TestRedis } from '../testing/index';

const cost = { tokens: 5, bytes: 7 };
const longAgo = () => Date.now() - 120_000;

let redis: TestRedis;
let queue: Queue;
let inFlight: InFlight;
let outcomes: JobOutcome[];
let seenUntilMs: number;

beforeAll(async () => {
  redis = await startTestRedis();
  queue = new Queue('tiny@1', { connection: redis.client, prefix: 'test:bull' });
});
beforeEach(() => {
  inFlight = createInFlight();
  outcomes = [];
  seenUntilMs = 0;
});
afterAll(async () => {
  await queue.close();
  await redis.stop();
});

const check = (hasWorker: boolean) =>
  createLostPartsCheck({
    redis: redis.client,
    inFlight,
    bullPrefix: 'test:bull',
    queueOf: () => queue,
    hasWorker: () => hasWorker,
    outcomesSeenUntilMs: () => seenUntilMs,
    onOutcome: (outcome) => outcomes.push(outcome),
  });

describe('parts that will never be answered', () => {
  it('are given up as "ask again" once their job is missing and all outcomes before that have been seen', async () => {
    inFlight.reserve('lost', { queue: 'tiny@1', parts: [cost], now: longAgo() });
    const look = check(true);
    await look();
    expect(outcomes).toEqual([]);
    seenUntilMs = performance.now();
    await look();
    expect(outcomes).toMatchObject([{ requestId: 'lost', ok: false, failure: { code: 'redis_away', retryAfterS: 1 } }]);
    expect(inFlight.totals().bytes).toBe(0);
  });

  it('are left alone while outcomes that were appended before the first look may not have been seen', async () => {
    inFlight.reserve('unseen', { queue: 'tiny@1', parts: [cost], now: longAgo() });
    const look = check(true);
    seenUntilMs = performance.now();
    await look();
    await look();
    expect(outcomes).toEqual([]);
    seenUntilMs = performance.now();
    await look();
    expect(outcomes).toHaveLength(1);
  });

  it('are left alone while their job waits, and when their outcome came after the first look', async () => {
    await queue.add('rerank', {}, { jobId: 'waiting-0' });
    inFlight.reserve('waiting', { queue: 'tiny@1', parts: [cost], now: longAgo() });
    inFlight.reserve('answered', { queue: 'tiny@1', parts: [cost], now: longAgo() });
    const look = check(true);
    await look();
    inFlight.settlePart('answered', 0);
    seenUntilMs = performance.now();
    await look();
    expect(outcomes).toEqual([]);
    expect(inFlight.totals().bytes).toBe(cost.bytes);
  });

  it('are removed from the queue with their text when no caller waits for them and no worker is left to drop them', async () => {
    await queue.add('rerank', { query: 'text of a user' }, { jobId: 'orphan-0' });
    inFlight.reserve('orphan', { queue: 'tiny@1', parts: [cost], now: longAgo() });
    inFlight.abandon('orphan', longAgo());
    await check(true)();
    expect(await queue.getJob('orphan-0')).toBeDefined();
    await check(false)();
    expect(await queue.getJob('orphan-0')).toBeUndefined();
    expect(inFlight.totals().bytes).toBe(0);
  });
});
