import { join } from 'node:path';
import type { UpConfig } from './config';

/** One process of an app: what to run and what it is told by environment. */
export interface Service {
  app: 'gateway' | 'worker' | 'queue-board' | 'quality-probe';
  name: string;
  /** The built entry point. */
  main: string;
  env: Record<string, string>;
}

/** Where things lie on this machine and what has been settled before the apps start. */
export interface Surroundings {
  root: string;
  redisUrl: string;
  gatewayPort: number;
  /** Where the queue board is to listen. */
  boardPort: number;
}

/**
 * How long an app may drain, in ms. Each takes up to 2.5 s more to close, and gateway and workers end one after the
 * other, within the shutdown's time.
 */
const drainLimitMs = 4_000;
/** Nobody waits for a page of the board. */
const boardDrainLimitMs = 500;

/** Where the bundles lie. */
export function modelsFolder({ modelsDir }: Pick<UpConfig, 'modelsDir'>, root: string): string {
  return modelsDir ?? join(root, 'models');
}

/** The workers, the gateway and the queue board. Ops ports are any free ones on the loopback interface: nothing can collide. */
export function planServices(config: UpConfig, around: Surroundings): Service[] {
  const shared = {
    REDIS_URL: around.redisUrl,
    OPS_HOST: '127.0.0.1',
    OPS_PORT: '0',
    DRAIN_LIMIT_MS: String(drainLimitMs),
  };
  const served = config.models.length === 0 ? [undefined] : config.models;
  const models = served.flatMap((model) => new Array<typeof model>(config.workers).fill(model));
  const workers = models.map((model, index): Service => ({
    app: 'worker',
    name: models.length === 1 ? 'worker' : `worker-${index + 1}`,
    main: join(around.root, 'dist/apps/worker/main.js'),
    env: {
      ...shared,
      MODELS_DIR: modelsFolder(config, around.root),
      DEFAULT_BUNDLE: String(model === served[0]),
      ...(config.sessionsPerWorker !== undefined && { SESSIONS: String(config.sessionsPerWorker) }),
      ...(model !== undefined && { MODEL: model }),
    },
  }));
  const gateway: Service = {
    app: 'gateway',
    name: 'gateway',
    main: join(around.root, 'dist/apps/gateway/main.js'),
    env: { ...shared, HOST: config.host, PORT: String(around.gatewayPort) },
  };
  const board = (password: string): Service => ({
    app: 'queue-board',
    name: 'queue-board',
    main: join(around.root, 'dist/apps/queue-board/main.js'),
    env: {
      ...shared,
      DRAIN_LIMIT_MS: String(boardDrainLimitMs),
      HOST: config.host,
      PORT: String(around.boardPort),
      BOARD_PASSWORD: password,
    },
  });
  return [...workers, gateway, ...(config.board ? [board(config.board.password)] : [])];
}

/** The quality probe, which comes in by the front door: it needs the gateway's address, and its key where it has one. */
export function planProbe(
  root: string,
  { gatewayUrl, apiKey }: { gatewayUrl: string; apiKey: string | undefined },
): Service {
  return {
    app: 'quality-probe',
    name: 'quality-probe',
    main: join(root, 'dist/apps/quality-probe/main.js'),
    env: {
      GATEWAY_URL: gatewayUrl,
      OPS_HOST: '127.0.0.1',
      OPS_PORT: '0',
      ...(apiKey === undefined ? {} : { API_KEY: apiKey }),
    },
  };
}
