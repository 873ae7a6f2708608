import { until } from '@rerank-fleet/test-support';
import { post, startFleet, terminate, type Member, type TestFleet } from './fleet';

interface FleetAnswer {
  redis: 'up' | 'away';
  gateways: number;
  workers: number;
  queued_tokens: number;
  queued_bytes: number;
  tokens_per_second: number | null;
  models: { name: string; workers: number; queued_tokens: number; drain_seconds: number | null }[];
}

let fleet: TestFleet;
let gateway: Member;
let other: Member;
let worker: Member;

beforeAll(async () => {
  fleet = await startFleet();
  [gateway, other, worker] = await Promise.all([fleet.startGateway(), fleet.startGateway(), fleet.startWorker()]);
}, 60_000);
afterAll(() => fleet.stop(), 30_000);

const state = async (of: Member): Promise<FleetAnswer> =>
  (await (await fetch(`${of.url}/v1/fleet`)).json()) as FleetAnswer;

describe('/v1/fleet', () => {
  it('reports all queued work at every gateway, and none when it is answered', async () => {
    await until(async () => (await state(other)).workers === 1);
    const { models: idle, tokens_per_second: speed } = await state(other);
    worker.process.kill('SIGSTOP');
    const documents = Array.from({ length: 20 }, (_, index) => `document ${index} `.repeat(20));
    // sent to one gateway, observed at the other
    const answered = post(`${gateway.url}/rerank`, { query: 'q', documents });
    await until(async () => (await state(other)).queued_tokens > 0);
    const seen = await state(other);
    expect(seen).toMatchObject({ redis: 'up', gateways: 2 });
    expect(idle).toMatchObject([{ name: 'multilingual-e5-small', workers: 1, queued_tokens: 0, drain_seconds: 0 }]);
    expect(speed).toBeGreaterThan(0);
    expect(seen.queued_bytes).toBeGreaterThan(documents.join('').length);
    expect(seen.models[0]?.queued_tokens).toBe(seen.queued_tokens);
    worker.process.kill('SIGCONT');
    expect((await answered).status).toBe(200);
    await until(async () => (await state(other)).queued_tokens === 0);
  }, 60_000);

  it('still lists a model without a worker, and answers from its cache while Redis is away', async () => {
    fleet.workers.splice(fleet.workers.indexOf(worker), 1);
    await terminate(worker.process, 'SIGTERM');
    await until(async () => (await state(gateway)).workers === 0);
    const gone = { name: 'multilingual-e5-small', workers: 0, drain_seconds: null };
    expect((await state(gateway)).models).toMatchObject([gone]);
    await terminate(fleet.redis, 'SIGKILL');
    await until(async () => (await state(gateway)).redis === 'away');
    expect((await state(gateway)).models).toMatchObject([gone]);
    await fleet.restartRedis();
    await until(async () => (await state(gateway)).redis === 'up');
  }, 60_000);
});
