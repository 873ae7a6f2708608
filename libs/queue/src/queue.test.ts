import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '@rerank-fleet/test-support';
import { openGatewayQueue } from './index';
import { startTestRedis, type TestRedis } from './testing/index';
import { answer, bundle, createSides, queue, submission, takeJob } from './testing/sides';
import { heartbeatMs } from './redis/timing';

let redis: TestRedis;
const { gateway, worker, close, closeAll } = createSides(() => redis.server);

beforeAll(async () => {
  redis = await startTestRedis();
});
afterEach(closeAll);
afterAll(() => redis.stop());

describe('the load of the fleet', () => {
  it('is what live gateways have in flight together, by queue, until it is answered', async () => {
    const prefix = randomUUID();
    const [one, two, serving] = await Promise.all([gateway(prefix), gateway(prefix), worker(prefix)]);
    await until(async () => (await one.load([])).gateways === 2);
    await Promise.all([one.submit(submission({ tokens: 10 })), two.submit(submission({ tokens: 5, parts: 2 }))]);
    expect(await one.load([queue, 'other@1'])).toEqual({
      gateways: 2,
      bytes: 300,
      tokens: new Map([
        [queue, 20],
        ['other@1', 0],
      ]),
    });
    for (let job = 0; job < 3; job++) {
      const taken = await takeJob(serving);
      await taken.settle(answer(taken.job));
    }
    await until(async () => (await one.load([queue])).tokens.get(queue) === 0);
  });

  it('is refused at once while Redis is away', async () => {
    const own = await startTestRedis();
    const asking = await openGatewayQueue({
      redis: own.server,
      prefix: randomUUID(),
      gatewayId: randomUUID(),
      onOutcome: () => undefined,
      onUnreadableOutcome: () => undefined,
      onError: () => undefined,
    });
    await own.stop();
    await expect(asking.load([queue])).rejects.toThrow();
    await asking.close();
  });
});

describe('one request', () => {
  it('comes back on the asking gateway’s stream only, and leaves no job behind', async () => {
    const prefix = randomUUID();
    const [asking, other, serving] = await Promise.all([gateway(prefix), gateway(prefix), worker(prefix)]);
    const sent = submission({ documents: ['abc', 'de'] });
    expect(await asking.submit(sent)).toEqual({ ok: true });
    const taken = await takeJob(serving);
    expect(taken.job).toMatchObject({ requestId: sent.requestId, documents: ['abc', 'de'], gateway: asking.id });
    await taken.settle(answer(taken.job));
    await until(() => asking.outcomes.length === 1);
    expect(asking.outcomes[0]).toMatchObject({ requestId: sent.requestId, logits: [3, 2] });
    expect(other.outcomes).toEqual([]);
    expect(serving.held()).toBe(0);
    expect(await redis.client.keys(`{${prefix}}:bull:${queue}:${sent.requestId}*`)).toEqual([]);
  });

  it('runs before a less urgent one that was there first', async () => {
    const prefix = randomUUID();
    const asking = await gateway(prefix);
    const late = submission({ priority: 5 });
    const urgent = submission({ priority: 0 });
    await asking.submit(late);
    await asking.submit(urgent);
    const serving = await worker(prefix);
    const first = await takeJob(serving);
    const second = await takeJob(serving);
    expect([first.job.requestId, second.job.requestId]).toEqual([urgent.requestId, late.requestId]);
  });
});

describe('admission', () => {
  it('refuses a whole request past the limit, whichever gateway brings it, and admits it when there is room again', async () => {
    const prefix = randomUUID();
    const [one, two, serving] = await Promise.all([gateway(prefix), gateway(prefix), worker(prefix)]);
    expect(await one.submit(submission({ tokens: 900 }))).toEqual({ ok: true });
    const refused = await two.submit(submission({ tokens: 200 }));
    expect(refused).toEqual({ ok: false, reason: 'queue_full', inFlight: { tokens: 900, bytes: 100 } });
    const taken = await takeJob(serving);
    await taken.settle(answer(taken.job));
    await until(() => one.outcomes.length === 1);
    await one.refresh();
    expect(await two.submit(submission({ tokens: 200 }))).toEqual({ ok: true });
  });

  it('admits one request of any size to an idle bundle', async () => {
    const asking = await gateway(randomUUID());
    expect(await asking.submit(submission({ tokens: 50_000 }))).toEqual({ ok: true });
    expect(await asking.submit(submission({ tokens: 1 }))).toMatchObject({ ok: false, reason: 'queue_full' });
  });

  it('judges requests that come at the same moment without counting one that is refused', async () => {
    const asking = await gateway(randomUUID());
    await asking.submit(submission({ tokens: 100 }));
    const [large, small] = await Promise.all([
      asking.submit(submission({ tokens: 5_000 })),
      asking.submit(submission({ tokens: 200 })),
    ]);
    expect([large, small]).toEqual([expect.objectContaining({ reason: 'queue_full' }), { ok: true }]);
  });

  it('refuses by bytes as well', async () => {
    const asking = await gateway(randomUUID());
    const big = submission();
    expect(await asking.submit({ ...big, limit: { tokens: 1_000, bytes: 99 } })).toMatchObject({
      reason: 'queue_full',
    });
  });

  it('drops the share of a gateway whose heartbeat stopped', async () => {
    const prefix = randomUUID();
    const [dead, alive] = await Promise.all([gateway(prefix), gateway(prefix)]);
    await dead.submit(submission({ tokens: 900 }));
    await close(dead);
    // as if its last heartbeat had been more than 5 s ago
    await redis.client.hset(`{${prefix}}:gateways`, dead.id, 1);
    expect(await alive.submit(submission({ tokens: 900 }))).toEqual({ ok: true });
  });
});

describe('a caller that goes away', () => {
  it('is known to a worker that listens and to one that starts later', async () => {
    const prefix = randomUUID();
    const [asking, listening] = await Promise.all([gateway(prefix), worker(prefix)]);
    const sent = submission({ parts: 2 });
    await asking.submit(sent);
    const first = await takeJob(listening);
    expect(listening.dropReason(first.job)).toBeUndefined();
    asking.cancel(sent.requestId);
    await until(() => listening.dropReason(first.job) === 'cancelled');
    const later = await worker(prefix);
    const second = await takeJob(later);
    await until(() => later.dropReason(second.job) === 'cancelled');
  });

  it('has its work expire at the deadline on Redis’ clock', async () => {
    const prefix = randomUUID();
    const [asking, serving] = await Promise.all([gateway(prefix), worker(prefix)]);
    await asking.submit(submission({ waitMs: 1 }));
    const taken = await takeJob(serving);
    await until(() => serving.dropReason(taken.job) === 'expired');
  });
});

describe('what a worker cannot run', () => {
  it('answers a job of a newer wire version as data and keeps it as failed', async () => {
    const prefix = randomUUID();
    const [asking, serving] = await Promise.all([gateway(prefix), worker(prefix)]);
    const sent = submission();
    await asking.submit({ ...sent, parts: sent.parts.map((part) => ({ ...part, v: 2 as unknown as 1 })) });
    await until(async () => (await serving.take()).kind === 'refused');
    await until(() => asking.outcomes.length === 1);
    expect(asking.outcomes[0]).toMatchObject({ ok: false, failure: { code: 'unsupported_job_version' } });
    expect(await redis.client.zcard(`{${prefix}}:bull:${queue}:failed`)).toBe(1);
  });
});

describe('a worker that is killed', () => {
  it('has its job taken by another within 10 s', async () => {
    const prefix = randomUUID();
    const [asking, killed] = await Promise.all([gateway(prefix), worker(prefix)]);
    await asking.submit(submission());
    await takeJob(killed);
    await killed.close();
    const other = await worker(prefix);
    const taken = await takeJob(other);
    expect(taken.retried).toBe(true);
    await taken.settle(answer(taken.job));
    await until(() => asking.outcomes.length === 1);
  }, 15_000);
});

describe('the registry', () => {
  it('shows a worker at once, and its bundle still when the worker has left', async () => {
    const prefix = randomUUID();
    const serving = await worker(prefix, { workerId: 'w1' });
    const asking = await gateway(prefix);
    expect(asking.fleet().workers.map((one) => one.workerId)).toEqual(['w1']);
    await serving.withdraw();
    await asking.refresh();
    expect(asking.fleet()).toMatchObject({ workers: [], bundles: [{ bundle }] });
  });
});

describe('a take under way when the worker closes', () => {
  it('leaves no job without an owner', async () => {
    const prefix = randomUUID();
    const asking = await gateway(prefix);
    const closing = await worker(prefix);
    const taking = closing.take();
    await Promise.all([asking.submit(submission()), close(closing)]);
    expect((await taking).kind).toBe('nothing');
    const taken = await takeJob(await worker(prefix));
    expect(taken.retried).toBe(false);
  });
});

describe('a worker that withdraws', () => {
  it('is chosen no more and still takes what was sent to it, while no other worker can', async () => {
    const prefix = randomUUID();
    const serving = await worker(prefix, { workerId: 'w1' });
    const asking = await gateway(prefix);
    expect(await serving.withdraw()).toBeGreaterThan(0);
    // its next heartbeat must not announce it again
    await delay(heartbeatMs + 200);
    await asking.refresh();
    expect(asking.fleet().workers).toEqual([]);
    await asking.submit(submission());
    const taken = await takeJob(serving);
    await taken.settle(answer(taken.job));
    await until(() => asking.outcomes.length === 1);
  });

  it('need not wait where another worker serves the bundle, or no gateway is alive', async () => {
    const prefix = randomUUID();
    const [leaving, staying, asking] = [
      await worker(prefix, { workerId: 'w1' }),
      await worker(prefix, { workerId: 'w2' }),
      await gateway(prefix),
    ];
    expect(await leaving.withdraw()).toBe(0);
    expect(asking.fleet().workers).toHaveLength(2);
    await close(asking);
    expect(await staying.withdraw()).toBe(0);
  });
});

describe('the clock of a worker', () => {
  it('is never ahead of Redis’, also after an answer that was long under way', async () => {
    const serving = await worker(randomUUID());
    redis.hang();
    await delay(1.5 * heartbeatMs);
    redis.wake();
    for (const endMs = performance.now() + heartbeatMs; performance.now() < endMs;) {
      const nowMs = serving.nowMs();
      const [seconds, micros] = await redis.client.time();
      expect(nowMs).toBeLessThan(Number(seconds) * 1000 + Number(micros) / 1000 + 2);
    }
  });
});

describe('Redis away', () => {
  it('is reported within a second while it hangs, and submissions work again by themselves', async () => {
    const prefix = randomUUID();
    const [asking, serving] = await Promise.all([gateway(prefix), worker(prefix)]);
    redis.hang();
    const refused = submission();
    expect(await asking.submit(refused)).toEqual({ ok: false, reason: 'redis_away' });
    expect(asking.isUp()).toBe(false);
    redis.wake();
    await until(() => asking.isUp());
    expect(await asking.submit(submission())).toEqual({ ok: true });
    // whatever of the refused request ran after the hang is cancelled
    const taken = [await takeJob(serving)];
    if (taken[0]?.job.requestId === refused.requestId) {
      const job = taken[0].job;
      await until(() => serving.dropReason(job) === 'cancelled');
    }
  });

  it('loses no answer when it is killed and comes back', async () => {
    const prefix = randomUUID();
    const [asking, serving] = await Promise.all([gateway(prefix), worker(prefix)]);
    await asking.submit(submission());
    const taken = await takeJob(serving);
    await redis.kill();
    const settled = taken.settle(answer(taken.job));
    await redis.restart();
    await settled;
    await until(() => asking.outcomes.length === 1);
    expect(asking.outcomes[0]).toMatchObject({ ok: true });
  });
});
