import { wireVersion, type JobOutcome } from '@rerank-fleet/contract';
import {
  openGatewayQueue,
  openQueueObserver,
  openWorkerQueue,
  type JobPart,
  type RedisServer,
} from '@rerank-fleet/queue';
import { someAnnouncement } from '@rerank-fleet/queue/testing';
import { createLogger, parseConfig, redisServer } from '@rerank-fleet/service-shell';
import { configSchema } from './config';
import {
  makeCertificates,
  startTlsCluster,
  startTlsSentinel,
  startTlsServer,
  type Certificates,
  type TlsRedis,
} from './redis-tls-testing';

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});
afterAll(() => certificates.remove());

const own = { REDIS_TLS_CERT: 'client.crt', REDIS_TLS_KEY: 'client.key' };

/** As a process reads it from its environment. */
function serverOf(REDIS_URL: string, files: Record<string, string>): RedisServer {
  const paths = Object.entries(files).map(([name, file]) => [name, certificates.path(file)]);
  return redisServer(parseConfig(configSchema, { REDIS_URL, ...Object.fromEntries(paths) }));
}

const part: JobPart = {
  v: wireVersion,
  requestId: 'r',
  part: 0,
  parts: 1,
  query: 'q',
  documents: ['a'],
  firstDocument: 0,
  priority: 0,
  cost: { tokens: 10, bytes: 100 },
};
const answer: JobOutcome = {
  v: wireVersion,
  requestId: 'r',
  part: 0,
  ok: true,
  logits: [1.5],
  tokens: { query: 1, documents: 1 },
  truncated: [],
  timings: { queueMs: 0, tokenizationMs: 0, inferenceMs: 0 },
};

/** What a gateway gets for a job, after it was taken and answered by a worker. */
async function answerOver(redis: RedisServer): Promise<JobOutcome> {
  const shared = { redis, prefix: 'tls', onError: () => undefined };
  const worker = await openWorkerQueue({
    ...shared,
    workerId: 'w',
    bundle: { name: 'tiny', version: '1' },
    announcement: () => someAnnouncement('w'),
    onStalled: () => undefined,
  });
  await worker.join();
  let tell: (outcome: JobOutcome) => void = () => undefined;
  const answered = new Promise<JobOutcome>((resolve) => (tell = resolve));
  const gateway = await openGatewayQueue({
    ...shared,
    gatewayId: 'g',
    onOutcome: tell,
    onUnreadableOutcome: () => undefined,
  });
  const limit = { tokens: 1_000, bytes: 10_000 };
  await gateway.submit({ requestId: 'r', queue: 'tiny@1', limit, waitMs: 30_000, parts: [part] });
  let take = await worker.take();
  while (take.kind === 'nothing') take = await worker.take();
  if (take.kind === 'job') await take.taken.settle(answer);
  const outcome = await answered;
  await Promise.all([gateway.close(), worker.close()]);
  return outcome;
}

/** Resolves when a process has logged that text of why it has no connection. */
async function logged(redis: RedisServer, text: string): Promise<void> {
  let observer: ReturnType<typeof openQueueObserver> | undefined;
  await new Promise<void>((resolve) => {
    const write = (line: string) => void (line.includes(text) && resolve());
    const logger = createLogger({ app: 'worker', level: 'warn', destination: { write } });
    const onError = (role: string, error: Error) => logger.warn('Redis is away or refused a command', { role, error });
    observer = openQueueObserver({ redis, prefix: 'tls', onError });
  });
  await expect(observer?.read()).rejects.toThrow('no connection to Redis');
  await observer?.close();
}

describe.each([
  ['one server', startTlsServer],
  ['Sentinels', startTlsSentinel],
  ['a Cluster', startTlsCluster],
])('%s with an authority of its own and clients with certificates', (_name, start) => {
  let redis: TlsRedis;
  beforeAll(async () => {
    redis = await start(certificates);
  });
  afterAll(() => redis.stop());

  it('carries requests and answers', async () => {
    const outcome = await answerOver(serverOf(`rediss${redis.urlSuffix}`, { REDIS_TLS_CA: 'ca.crt', ...own }));
    expect(outcome).toEqual(answer);
  });

  it('is not used, and the log says why, where a certificate does not fit', async () => {
    const refusals: [Record<string, string>, string][] = [
      [{ REDIS_TLS_CA: 'other-ca.crt', ...own }, 'SELF_SIGNED_CERT_IN_CHAIN'],
      // it is not among the system's authorities
      [own, 'SELF_SIGNED_CERT_IN_CHAIN'],
      [{ REDIS_TLS_CA: 'ca.crt' }, 'CERTIFICATE_REQUIRED'],
      [{ REDIS_TLS_CA: 'ca.crt', ...own, REDIS_TLS_KEY: 'ca.key' }, 'KEY_VALUES_MISMATCH'],
    ];
    await Promise.all(refusals.map(([files, code]) => logged(serverOf(`rediss${redis.urlSuffix}`, files), code)));
  });
});
