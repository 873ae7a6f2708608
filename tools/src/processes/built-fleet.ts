import { join } from 'node:path';
import { type App, type AppSpec, startApp } from './apps';
import { type ChildSet, openChildSet } from './child-set';
import { type RedisDeployment, startSentinelRedis, startSingleRedis } from './redis-deployment';

/** A fleet of the built apps whose processes can be killed, stopped and restarted. */
export interface BuiltFleet {
  readonly children: ChildSet;
  readonly redis: RedisDeployment;
  readonly gateways: readonly App[];
  readonly workers: readonly App[];
  readonly boards: readonly App[];
}

/** The parts of a fleet. */
export interface BuiltFleetOptions {
  /** Root of the repository, whose `dist` is started. */
  root: string;
  redis: 'single' | 'sentinel';
  /** Additional environment, one entry per gateway. */
  gateways: readonly Record<string, string>[];
  /** Additional environment, one entry per worker. */
  workers: readonly Record<string, string>[];
  /** Whether to start a queue board, which exports the number of jobs per state. */
  board: boolean;
}

/** Environment of a worker with a tiny model with random weights. It scores thousands of documents per second. */
export function tinyWorker(root: string, model: string): Record<string, string> {
  return { MODELS_DIR: join(root, 'libs/scoring/fixtures/models'), MODEL: model, SESSIONS: '1' };
}

/** Starts all processes and waits until they are ready. On failure, all started processes are stopped. */
export async function startBuiltFleet(options: BuiltFleetOptions): Promise<BuiltFleet> {
  const children = openChildSet();
  try {
    const redis = await (options.redis === 'single' ? startSingleRedis : startSentinelRedis)(children);
    const specs = specsOf(options, redis.url);
    const apps = await Promise.all(specs.map((spec) => startApp(children, options.root, spec)));
    await Promise.all(apps.map((app) => app.ready()));
    const ofApp = (wanted: AppSpec['app']) => apps.filter((_, index) => specs[index]?.app === wanted);
    return {
      children,
      redis,
      gateways: ofApp('gateway'),
      workers: ofApp('worker'),
      boards: ofApp('queue-board'),
    };
  } catch (error) {
    await children.stop();
    children.removeFiles();
    throw error;
  }
}

function specsOf({ gateways, workers, board }: BuiltFleetOptions, redisUrl: string): AppSpec[] {
  const spec = (app: AppSpec['app'], name: string, env: Record<string, string>): AppSpec => ({
    app,
    name,
    env: { REDIS_URL: redisUrl, ...env },
  });
  const boards = board ? [{ BOARD_PASSWORD: 'for this run only', POLL_MS: '500' }] : [];
  return [
    ...gateways.map((env, index) => spec('gateway', `gateway-${index + 1}`, env)),
    ...workers.map((env, index) => spec('worker', `worker-${index + 1}`, env)),
    ...boards.map((env) => spec('queue-board', 'queue-board', env)),
  ];
}
