import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wireVersion, type JobOutcome, type RerankJob } from '@rerank-fleet/contract';
import {
  openGatewayQueue,
  openQueueObserver,
  openWorkerQueue,
  type GatewayQueue,
  type TakenJob,
  type WorkerQueue,
} from '@rerank-fleet/queue';
import { someAnnouncement } from '@rerank-fleet/queue/testing';
import { until } from '@rerank-fleet/test-support';
import { type StartedRedis, redisPasswords, root, run, startRedis } from './testing';

const prefix = 'rerank';
const queue = 'tiny@1';

let redis: StartedRedis;
const open: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});
afterAll(() => redis.stop());

/** Errors of a client, including commands that Redis refuses. */
const errors: Error[] = [];
const onError = (_role: string, error: Error) => void errors.push(error);
beforeEach(() => {
  errors.length = 0;
});

async function gateway(server: StartedRedis): Promise<GatewayQueue & { outcomes: JobOutcome[] }> {
  const outcomes: JobOutcome[] = [];
  const made = await openGatewayQueue({
    redis: server.server('fleet'),
    prefix,
    gatewayId: randomUUID(),
    onOutcome: (outcome) => outcomes.push(outcome),
    onUnreadableOutcome: () => undefined,
    onError,
  });
  open.push(made);
  return Object.assign(made, { outcomes });
}

async function worker(server: StartedRedis): Promise<WorkerQueue> {
  const workerId = randomUUID();
  const made = await openWorkerQueue({
    redis: server.server('fleet'),
    prefix,
    workerId,
    bundle: { name: 'tiny', version: '1' },
    announcement: () => someAnnouncement(workerId),
    onStalled: () => undefined,
    onError,
  });
  open.push(made);
  await made.join();
  return made;
}

function submission(parts: number) {
  const requestId = randomUUID();
  return {
    requestId,
    queue,
    limit: { tokens: 1_000, bytes: 1_000_000 },
    waitMs: 60_000,
    parts: Array.from({ length: parts }, (_, part) => ({
      v: wireVersion as 1,
      requestId,
      part,
      parts,
      query: 'q',
      documents: ['a text of a user'],
      firstDocument: part,
      priority: 0,
      cost: { tokens: 10, bytes: 100 },
    })),
  };
}

async function takeJob(from: WorkerQueue): Promise<TakenJob> {
  for (;;) {
    const take = await from.take();
    if (take.kind === 'job') return take.taken;
  }
}

const answer = ({ requestId, part }: RerankJob): JobOutcome => ({
  v: wireVersion,
  requestId,
  part,
  ok: true,
  logits: [1],
  tokens: { query: 1, documents: 1 },
  truncated: [],
  timings: { queueMs: 0, tokenizationMs: 0, inferenceMs: 0 },
});

describe('gateways and workers', () => {
  it('process a request in parts from its submission to its answer', async () => {
    const [asking, serving] = await Promise.all([gateway(redis), worker(redis)]);
    await until(async () => (await asking.refresh(), asking.fleet().workers.length === 1));
    expect(await asking.submit(submission(3))).toEqual({ ok: true });
    for (let part = 0; part < 3; part++) {
      const taken = await takeJob(serving);
      await taken.settle(answer(taken.job));
    }
    await until(() => asking.outcomes.length === 3);
    expect(asking.outcomes.every(({ ok }) => ok)).toBe(true);
    expect(errors).toEqual([]);
  });

  it('are notified of a request whose caller has disconnected', async () => {
    const [asking, serving] = await Promise.all([gateway(redis), worker(redis)]);
    const sent = submission(1);
    await asking.submit(sent);
    const { job, settle } = await takeJob(serving);
    asking.cancel(sent.requestId);
    await until(() => serving.dropReason(job) === 'cancelled');
    await settle(answer(job));
    expect(errors).toEqual([]);
  });

  it('leave the registry when they end', async () => {
    const serving = await worker(redis);
    expect(await serving.withdraw()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('find their jobs again after Redis was killed', async () => {
    const server = await startRedis();
    try {
      const asking = await gateway(server);
      expect(await asking.submit(submission(2))).toEqual({ ok: true });
      await asking.close();
      open.splice(0);
      await server.restart();
      const serving = await worker(server);
      // not takeJob, which would wait forever for lost jobs
      const takes = [await serving.take(), await serving.take()];
      expect(takes.map(({ kind }) => kind)).toEqual(['job', 'job']);
    } finally {
      await Promise.all(open.splice(0).map((one) => one.close()));
      await server.stop();
    }
  });
});

describe('the queue board', () => {
  it('reads the queues and cannot change them', async () => {
    await Promise.all([gateway(redis), worker(redis)]);
    const observer = openQueueObserver({ redis: redis.server('board'), prefix, onError });
    open.push(observer);
    expect(await observer.read()).toMatchObject([{ queue, isPaused: false }]);
    const board = observer.bullQueue(queue);
    expect(await board.getJobs(['prioritized', 'wait', 'active', 'failed'])).toEqual([]);
    expect(await board.getRateLimitTtl()).toBeLessThan(0);
    await expect(board.pause()).rejects.toThrow(/permission|can't run this command/i);
    expect(errors).toEqual([]);
  });

  it('changes them if the board is writable', async () => {
    const server = await startRedis({ BOARD_WRITABLE: 'Yes' });
    try {
      const observer = openQueueObserver({ redis: server.server('board'), prefix, onError });
      const board = observer.bullQueue(queue);
      await board.pause();
      expect(await board.isPaused()).toBe(true);
      await board.resume();
      await board.drain();
      await board.clean(0, 100, 'failed');
      expect(await board.isPaused()).toBe(false);
      await observer.close();
      expect(errors).toEqual([]);
    } finally {
      await server.stop();
    }
  });
});

describe('no user', () => {
  const refused = expect.stringMatching(/^NOPERM /) as string;
  const forbidden = [
    ['FLUSHALL'],
    ['FLUSHDB'],
    ['CONFIG', 'GET', '*'],
    ['CONFIG', 'SET', 'dir', '/tmp'],
    ['KEYS', '*'],
    ['ACL', 'LIST'],
    ['CLIENT', 'LIST'],
    ['CLIENT', 'KILL', 'ID', '1'],
    ['MONITOR'],
    ['SLOWLOG', 'GET'],
    ['SHUTDOWN', 'NOSAVE'],
    ['REPLICAOF', '127.0.0.1', '1'],
    ['MIGRATE', '127.0.0.1', '1', '{rerank}:x', '0', '1'],
    ['SCRIPT', 'FLUSH'],
    ['FUNCTION', 'LIST'],
    ['SET', 'elsewhere', '1'],
  ];
  it.each(['fleet', 'board', 'exporter'])('as %s can access other data or the server', async (user) => {
    for (const command of forbidden) expect([command, await redis.ask(user, ...command)]).toEqual([command, refused]);
  });

  it('can run forbidden commands in a script', async () => {
    for (const user of ['fleet', 'board']) {
      expect(await redis.ask(user, 'EVAL', "return redis.call('FLUSHALL')", '0')).toMatch(/can't run this command/);
    }
    expect(await redis.ask('board', 'EVAL', "return redis.call('SET', '{rerank}:x', '1')", '0')).toMatch(
      /can't run this command/,
    );
  });

  it('can publish to a channel', async () => {
    for (const user of ['fleet', 'board', 'exporter'])
      expect(await redis.ask(user, 'PUBLISH', '{rerank}:cancel', 'x')).toMatch(/^NOPERM /);
  });

  it('can log in without a password, or as the default user', async () => {
    expect(await redis.ask(undefined, 'PING')).toMatch(/^NOAUTH /);
    expect(await redis.ask(undefined, 'AUTH', 'default', '')).toMatch(/^WRONGPASS /);
    expect(await redis.ask(undefined, 'AUTH', redisPasswords.REDIS_FLEET_PASSWORD)).toMatch(/^WRONGPASS /);
  });
});

describe('the exporter', () => {
  it('can read figures of the server, but no data', async () => {
    expect(await redis.ask('exporter', 'PING')).toBe('PONG');
    expect(await redis.ask('exporter', 'INFO', 'memory')).toMatch(
      /maxmemory:104857600\b[\s\S]*maxmemory_policy:noeviction/,
    );
    for (const command of [['GET', '{rerank}:x'], ['HGETALL', '{rerank}:gateways'], ['SCAN', '0'], ['RANDOMKEY']]) {
      expect(await redis.ask('exporter', ...command)).toMatch(/^NOPERM /);
    }
  });
});

describe('passwords', () => {
  const script = join(root, 'deploy/redis/start.sh');

  it('are known to the server as hashes only', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rerank-redis-'));
    const server = join(folder, 'server');
    // the real server hides its environment
    await writeFile(server, '#!/bin/sh\nenv\necho "$@"\n', { mode: 0o700 });
    const env = { TMPDIR: folder, REDIS_MAXMEMORY: '1mb', ...redisPasswords };
    const { stdout } = await run(['sh', script, server], { env });
    const file = join(folder, 'users.acl');
    expect(stdout).toContain(`--aclfile ${file} --maxmemory 1mb`);
    const users = await readFile(file, 'utf8');
    expect(users).toMatch(/^user fleet .* #[0-9a-f]{64} /m);
    expect((await stat(file)).mode & 0o077).toBe(0);
    for (const value of Object.values(redisPasswords)) expect(stdout + users).not.toContain(value);
    await rm(folder, { recursive: true });
  });

  it.each(Object.keys(redisPasswords))(
    'stop the start with one line when %s is missing or cannot be used',
    async (name) => {
      for (const [value, what] of [
        ['', '16 characters or more'],
        ['fifteen-letters', '16 characters or more'],
        ['with@sign-and-more', 'only letters, digits, - and _'],
      ] as const) {
        const env = { TMPDIR: '/nonexistent', REDIS_MAXMEMORY: '1mb', ...redisPasswords, [name]: value };
        const { code, stdout, stderr } = await run(['sh', script, 'echo', 'started'], { env });
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
        expect(stderr).toMatch(new RegExp(`^redis: ${name} .*${what}\\n$`));
      }
    },
  );
});
