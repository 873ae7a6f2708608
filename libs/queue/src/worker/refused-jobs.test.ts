import { randomUUID } from 'node:crypto';
import { until } from '@rerank-fleet/test-support';
import { startTestRedis, type TestRedis } from '../testing/index';
import { answer, createSides, queue, submission, takeJob, type TestGateway } from '../testing/sides';

let redis: TestRedis;
const { gateway, worker, close, closeAll } = createSides(() => redis.server);

beforeAll(async () => {
  redis = await startTestRedis();
});
afterEach(closeAll);
afterAll(() => redis.stop());

describe('versions that differ', () => {
  it('a job of a newer gateway is run when its wire version is ours, whatever else it says', async () => {
    const prefix = randomUUID();
    const [asking, serving] = await Promise.all([gateway(prefix), worker(prefix)]);
    const sent = submission();
    await asking.submit({ ...sent, parts: sent.parts.map((part) => ({ ...part, ofTomorrow: { x: 1 } })) });
    const taken = await takeJob(serving);
    await taken.settle(answer(taken.job));
    await until(() => asking.outcomes.length === 1);
    expect(asking.outcomes[0]).toMatchObject({ ok: true });
  });

  it('a job whose members we cannot read is refused as of another version', async () => {
    const prefix = randomUUID();
    const [asking, serving] = await Promise.all([gateway(prefix), worker(prefix)]);
    const sent = submission();
    const documents = [{ text: 'a' }] as unknown as string[];
    await asking.submit({ ...sent, parts: sent.parts.map((part) => ({ ...part, documents })) });
    await until(async () => (await serving.take()).kind === 'refused');
    await until(() => asking.outcomes.length === 1);
    expect(asking.outcomes[0]).toMatchObject({ ok: false, failure: { code: 'unsupported_job_version' } });
  });

  it.each([
    [
      'an unknown code',
      { v: 1, ok: false, failure: { code: 'of_tomorrow', message: 'm', retryAfterS: 3 } },
      'interrupted',
    ],
    ['another wire version', { v: 2, ok: true, scores: [0.5] }, 'unsupported_job_version'],
  ])('an answer with %s reaches its caller as the nearest that we know', async (_name, members, code) => {
    const prefix = randomUUID();
    const [asking, serving] = await Promise.all([gateway(prefix), worker(prefix)]);
    await asking.submit(submission());
    const { job } = await takeJob(serving);
    const text = JSON.stringify({ requestId: job.requestId, part: job.part, ...members });
    await redis.client.xadd(`{${prefix}}:replies:${asking.id}`, '*', 'outcome', text);
    await until(() => asking.outcomes.length === 1);
    expect(asking.outcomes[0]).toMatchObject({ requestId: job.requestId, ok: false, failure: { code } });
  });
});

describe('a job that was taken too often', () => {
  /** As BullMQ leaves a job whose lock lapsed more often than it may, last taken by this worker. */
  async function takenTooOften(prefix: string, taker: string | undefined): Promise<TestGateway> {
    const asking = await gateway(prefix);
    const sent = submission();
    await asking.submit(sent);
    const key = `{${prefix}}:bull:${queue}:${sent.requestId}-0`;
    await redis.client.hset(key, { defa: 'job stalled more than allowable limit', ...(taker && { taker }) });
    return asking;
  }

  it.each([
    ['is refused for now when the worker that had it lives', 'interrupted', true],
    ['is a fault when the worker that had it died', 'internal', false],
  ])(
    '%s',
    async (_name, code, isAlive) => {
      const prefix = randomUUID();
      const had = await worker(prefix, { workerId: 'had' });
      if (!isAlive) {
        await close(had);
      }
      const asking = await takenTooOften(prefix, 'had');
      const serving = await worker(prefix);
      await until(async () => (await serving.take()).kind === 'refused');
      await until(() => asking.outcomes.length === 1);
      expect(asking.outcomes[0]).toMatchObject({ ok: false, failure: { code } });
    },
    20_000,
  );

  it('is refused for now by the very worker that was too busy', async () => {
    const prefix = randomUUID();
    const asking = await takenTooOften(prefix, 'same');
    const serving = await worker(prefix, { workerId: 'same' });
    await until(async () => (await serving.take()).kind === 'refused');
    await until(() => asking.outcomes.length === 1);
    expect(asking.outcomes[0]).toMatchObject({ failure: { code: 'interrupted', retryAfterS: 1 } });
  });
});
