import { randomUUID } from 'node:crypto';
import { wireVersion, type JobOutcome } from '@rerank-fleet/contract';
import { Redis } from 'ioredis';
import { until } from '@rerank-fleet/test-support';
import { startReplyReader, type ReplyReader } from './reply-reader';
import { startTestRedis, type TestRedis } from '../testing/index';

let redis: TestRedis;
let stream: string;
let reader: ReplyReader;
let outcomes: JobOutcome[];
let unreadable: number;

beforeAll(async () => (redis = await startTestRedis()));
beforeEach(() => {
  stream = randomUUID();
  outcomes = [];
  unreadable = 0;
  const own = new Redis({ path: redis.socket, maxRetriesPerRequest: null, retryStrategy: () => 50 });
  own.on('error', () => undefined);
  reader = startReplyReader({
    redis: own,
    stream,
    onOutcome: (outcome) => outcomes.push(outcome),
    onUnreadable: () => unreadable++,
    onError: () => undefined,
  });
});
afterEach(() => reader.stop());
afterAll(() => redis.stop());

const append = (requestId: string, id = '*') =>
  redis.client.xadd(
    stream,
    id,
    'outcome',
    JSON.stringify({ v: wireVersion, requestId, part: 0, ok: false, failure: { code: 'internal', message: 'm' } }),
  );

const read = () => outcomes.map(({ requestId }) => requestId);

it('reads what was appended before and after it began, and leaves nothing of it in Redis', async () => {
  for (let i = 0; i < 450; i++) void append(String(i));
  await until(() => outcomes.length >= 450);
  await append('last');
  await until(() => read().at(-1) === 'last');
  expect(read()).toEqual([...Array.from({ length: 450 }, (_, i) => String(i)), 'last']);
  await until(async () => (await redis.client.xlen(stream)) === 0);
});

it('reads on when ids go back, as those of a server whose clock is behind', async () => {
  await append('before');
  await until(() => read().includes('before'));
  await redis.client.del(stream);
  await append('after', '5-1');
  await until(() => read().includes('after'));
  await until(async () => (await redis.client.xlen(stream)) === 0);
});

it('skips an entry that names no request, and continues', async () => {
  await redis.client.xadd(stream, '*', 'outcome', 'no JSON');
  await append('next');
  await until(() => read().includes('next'));
  expect(unreadable).toBe(1);
});

it('returns until when all that was appended has been seen', async () => {
  const beganMs = performance.now();
  await append('one');
  await until(() => reader.seenUntilMs() > beganMs);
  expect(read()).toEqual(['one']);
});

it('reads what was appended while it had no connection', async () => {
  await append('before');
  await until(() => read().includes('before'));
  await redis.client.call('CLIENT', 'KILL', 'TYPE', 'normal');
  await append('meanwhile');
  await until(() => read().includes('meanwhile'));
});
