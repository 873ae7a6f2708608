import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { askExample, examples } from '../up/examples';
import { startRedis } from '../up/redis';
import { poll } from '../up/waiting';
import type { Container } from './container';
import { longExample, metricSum, rank } from './requests';
import { type Proof, type Service, askToStop, awaitCleanEnd, runIn, startService } from './service';

/** The unpacked images by app. */
export type Containers = Record<'gateway' | 'worker' | 'queue-board' | 'quality-probe', Container>;

/** A fleet whose processes run from the images. */
interface Fleet {
  gateway: Service & { url: string };
  workers: [Service, Service];
  board: Service;
}

/** Drain limit, long enough for a slow machine. */
const drain = { DRAIN_LIMIT_MS: '60000' };
/** Enough documents that both workers get jobs and work for some seconds. */
const longRequestDocuments = 100;

/**
 * Runs a fleet from the images and checks that the processes are healthy, confined, rank over HTTP, and lose no request
 * when they are stopped. Throws at the first failed check.
 */
export async function proveImages(proof: Proof, containers: Containers): Promise<void> {
  proof.say('starting a fleet from the images');
  const fleet = await startFleet(proof, containers);
  proof.say('ranking over HTTP');
  for (const example of examples) {
    const gateway = { url: fleet.gateway.url, apiKey: undefined };
    for (const line of await askExample(gateway, example, proof.signal)) proof.say(line && `  ${line}`);
  }
  await proveTools(proof, containers, fleet);
  proof.say('stopping each of them');
  await proveDrain(proof, fleet);
}

async function startFleet(proof: Proof, containers: Containers): Promise<Fleet> {
  const onStarted = (child: Proof['children'][number]) => void proof.children.push(child);
  const { url: redisUrl } = await startRedis(proof.logs, { onStarted, signal: proof.signal });
  const shared = { REDIS_URL: redisUrl, ...drain };
  const board = await startService(proof, containers['queue-board'], {
    name: 'queue-board',
    env: { ...shared, BOARD_PASSWORD: randomBytes(12).toString('hex'), POLL_MS: '200' },
  });
  const sessions = String(Math.max(1, Math.floor(availableParallelism() / 2)));
  const startWorker = (name: string) =>
    startService(proof, containers.worker, { name, env: { ...shared, SESSIONS: sessions } });
  const workers: Fleet['workers'] = [await startWorker('worker-1'), await startWorker('worker-2')];
  const gateway = await startService(proof, containers.gateway, { name: 'gateway', env: shared });
  if (gateway.url === undefined) throw new Error('the image of the gateway sets no PORT');
  return { gateway: { ...gateway, url: gateway.url }, workers, board };
}

/** Checks the programs that take no part in a request. */
async function proveTools(proof: Proof, containers: Containers, { gateway }: Fleet): Promise<void> {
  proof.say('checking the other programs');
  const env = { GATEWAY_URL: gateway.url };
  const probe = await startService(proof, containers['quality-probe'], { name: 'quality-probe', env });
  await stopIdle(proof, probe);
  await runIn(proof, containers.worker, ['node', 'model.js', 'list']);
  await runIn(proof, containers.worker, ['node', 'model.js', 'verify', 'multilingual-e5-small']);
}

/** Stops a worker and then the gateway during a request, and the others when they are idle. */
async function proveDrain(proof: Proof, { gateway, workers, board }: Fleet): Promise<void> {
  const [first, second] = workers;
  const jobs = () => metricSum(board.opsUrl, 'reranker_queue_jobs', 'state="active"');
  await stopBusy(proof, { service: first, gateway, isBusy: async () => (await jobs()) >= workers.length });
  const requests = () => metricSum(gateway.opsUrl, 'reranker_http_requests_in_flight');
  await stopBusy(proof, { service: gateway, gateway, isBusy: async () => (await requests()) > 0 });
  await stopIdle(proof, second);
  await stopIdle(proof, board);
}

async function stopIdle(proof: Proof, service: Service): Promise<void> {
  askToStop(service);
  await awaitCleanEnd(proof, service);
  proof.say(`  ${service.name}: ended with exit code 0 after SIGTERM`);
}

interface Busy {
  service: Service;
  gateway: Fleet['gateway'];
  /** Whether the request is being processed, so that the service can be stopped. */
  isBusy(): Promise<boolean>;
}

async function stopBusy(proof: Proof, { service, gateway, isBusy }: Busy): Promise<void> {
  let answered = false;
  const answer = rank(gateway.url, longExample(longRequestDocuments), proof.signal).finally(() => (answered = true));
  // awaited below; this prevents an unhandled rejection before that
  answer.catch(() => undefined);
  await poll(isBusy, { signal: proof.signal, until: () => answered });
  if (answered) {
    await answer;
    throw new Error(`the request was answered before ${service.name} could be stopped`);
  }
  askToStop(service);
  const ranked = await answer;
  await awaitCleanEnd(proof, service);
  proof.say(`  ${service.name}: SIGTERM during a request: its ${ranked} documents were ranked, exit code 0`);
}
