import { join } from 'node:path';
import type { UpConfig } from './config';

/** One process of an app: the program and its environment. */
export interface Service {
  app: 'gateway' | 'worker' | 'queue-board' | 'quality-probe';
  name: string;
  /** The built entry point. */
  main: string;
  env: Record<string, string>;
}

/** Paths, addresses and ports that are known before the apps start. */
export interface Surroundings {
  root: string;
  redisUrl: string;
  gatewayPort: number;
  /** Port of the queue board. */
  boardPort: number;
}

/**
 * Drain limit of an app. Each app takes up to 2.5 s more to close, and the gateway and the workers end one after the
 * other, within the time limit of the shutdown.
 */
const drainLimitMs = 4_000;
/** Short, because pages of the board need no drain. */
const boardDrainLimitMs = 500;

/** Folder of the bundles. */
export function modelsFolder({ modelsDir }: Pick<UpConfig, 'modelsDir'>, root: string): string {
  return modelsDir ?? join(root, 'models');
}

/** The workers, the gateway and the queue board. Each ops port is any free port of the loopback interface. */
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

/** The quality probe, a client of the gateway: it needs the gateway's address and, if there is one, an API key. */
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
