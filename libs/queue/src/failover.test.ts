import { createServer, connect, type Socket } from 'node:net';
import type { JobOutcome } from '@rerank-fleet/contract';
import { Redis } from 'ioredis';
import { until } from '@rerank-fleet/test-support';
import { openQueueObserver, type RedisServer } from './index';
import { startTestRedis } from './testing/index';
import { startTestCluster, startTestSentinels } from './testing/failover';
import { answer, createSides, queue, submission } from './testing/sides';

/** A gateway, a worker that answers at once, and an observer. */
async function startFleet({ server, workerServer = server }: { server: RedisServer; workerServer?: RedisServer }) {
  const outcomes = new Map<string, JobOutcome>();
  const sides = createSides(() => server);
  const worker = await sides.worker('rerank', { redis: workerServer });
  const onOutcome = (outcome: JobOutcome) => outcomes.set(outcome.requestId, outcome);
  const gateway = await sides.gateway('rerank', { onOutcome });
  const observer = openQueueObserver({ redis: server, prefix: 'rerank', onError: () => undefined });
  let isEnding = false;
  const serving = (async () => {
    while (!isEnding) {
      const take = await worker.take().catch(() => undefined);
      if (take?.kind === 'job') await take.taken.settle(answer(take.taken.job)).catch(() => undefined);
    }
  })();
  return {
    gateway,
    worker,
    observer,
    outcomes,
    async close() {
      isEnding = true;
      await Promise.all([sides.closeAll(), observer.close()]);
      await serving;
    },
  };
}

describe.each([
  ['Sentinels', startTestSentinels],
  ['a Cluster', startTestCluster],
])('a master that dies under %s', (_name, start) => {
  it('loses no promised answer, and the fleet recovers by itself', async () => {
    const servers = await start();
    const fleet = await startFleet(servers);
    const { gateway, worker, observer, outcomes } = fleet;
    const admitted: string[] = [];
    const ask = async () => {
      const sent = submission({ documents: ['abc'] });
      const { ok } = await gateway.submit(sent);
      if (ok) admitted.push(sent.requestId);
      return ok;
    };
    while (admitted.length < 20) await ask();
    await servers.killMaster();
    // refused while there is no master, each in its turn
    await until(() => !gateway.isUp());
    while (admitted.length < 40) if (!(await ask())) await new Promise((resolve) => setTimeout(resolve, 50));
    // each gets its score, or a request to retry because the old master had not replicated it
    await until(() => admitted.every((id) => outcomes.has(id)));
    const failures = [...outcomes.values()].flatMap((outcome) => (outcome.ok ? [] : [outcome.failure.code]));
    expect(failures.filter((code) => code !== 'redis_away')).toEqual([]);
    expect(outcomes.get(admitted.at(-1) ?? '')).toMatchObject({ ok: true, logits: [3] });
    expect([gateway.trouble(), worker.trouble()]).toEqual([undefined, undefined]);
    expect(await observer.read()).toMatchObject([{ queue, workers: 1, jobs: { prioritized: 0, active: 0 } }]);
    await fleet.close();
    await servers.stop();
  }, 60_000);
});

describe.each([
  ['Sentinels', startTestSentinels],
  ['a Cluster', startTestCluster],
])('%s', (_kind, start) => {
  it('asking for a password is reported as NOAUTH, and used once it asks for none', async () => {
    const servers = await start();
    const asked = servers.server.addresses.flatMap((address) => ('path' in address ? [] : [new Redis({ ...address })]));
    const setPassword = (rule: string) => Promise.all(asked.map((one) => one.call('ACL', 'SETUSER', 'default', rule)));
    await setPassword('>secret');
    const sides = createSides(() => servers.server);
    const gateway = await sides.gateway('rerank');
    await until(() => gateway.trouble() === 'NOAUTH');
    await setPassword('nopass');
    await until(() => gateway.isUp());
    asked.forEach((one) => one.disconnect());
    await sides.closeAll();
    await servers.stop();
  }, 60_000);
});

/** A proxy in front of a server that can stop forwarding without closing a connection. */
async function startStallingProxy(socket: string) {
  const path = `${socket}.line`;
  const carried = new Set<Socket>();
  const line = createServer((from) => {
    const to = connect(socket);
    for (const end of [from, to]) {
      carried.add(end);
      end.on('error', () => undefined).on('close', () => [from, to].forEach((one) => one.destroy()));
    }
    from.pipe(to);
    to.pipe(from);
  });
  await new Promise<void>((resolve) => line.listen(path, resolve));
  return {
    server: { kind: 'single', addresses: [{ path }] } satisfies RedisServer,
    /** Stalls all open connections. New ones work. */
    freeze: () => carried.forEach((end) => end.unpipe().pause()),
    close() {
      carried.forEach((end) => end.destroy());
      line.close();
    },
  };
}

describe('connections that stall without being closed', () => {
  it('are replaced, also that of a take that waits for a job', async () => {
    const redis = await startTestRedis();
    const line = await startStallingProxy(redis.socket);
    const fleet = await startFleet({ server: redis.server, workerServer: line.server });
    await until(() => fleet.worker.isUp());
    line.freeze();
    await until(() => !fleet.worker.isUp());
    const sent = submission({ documents: ['abc'] });
    expect(await fleet.gateway.submit(sent)).toEqual({ ok: true });
    await until(() => fleet.outcomes.has(sent.requestId));
    expect(fleet.outcomes.get(sent.requestId)).toMatchObject({ ok: true });
    await fleet.close();
    line.close();
    await redis.stop();
  }, 40_000);
});
