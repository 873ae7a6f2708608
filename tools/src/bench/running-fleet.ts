import { claimDataDir } from '../up/data-dir';
import { type Fleet, type Member, startFleet, stopFleet, unstartedFleet } from '../up/fleet';
import type { UpConfig } from '../up/config';

/** A fleet of the built apps with a private Redis on free ports, as `tools/up.sh` starts it. */
export interface RunningFleet {
  /** URL of the ranking endpoint. */
  rankUrl: string;
  redisUrl: string;
  /** The processes of the fleet. Added processes are stopped with the others. */
  fleet: Fleet;
  /** Process id of the first child of an app. */
  pidOf(app: string): number;
  /** Stops every process and removes their files. */
  stop(): Promise<void>;
}

export interface RunningFleetOptions {
  /** Folder with the `dist` and `models` to use. */
  root: string;
  sessions: number;
  /** Folder of model bundles; undefined = `models` of `root`. */
  modelsDir?: string;
  /** `<name>` or `<name>@<version>`. */
  model: string;
  /** Tokens per call. Fixed, so that both sides of a comparison make calls of the same size. */
  tokenBudget: number;
  say: (line: string) => void;
}

/** Starts a fleet with one worker and waits until it is ready. On failure, all started processes are stopped. */
export async function runFleet(options: RunningFleetOptions): Promise<RunningFleet> {
  const dataDir = claimDataDir(undefined);
  const { root, say, tokenBudget } = options;
  // the worker's variables reach it through the environment, as with tools/up.sh
  process.env['TOKEN_BUDGET'] = String(tokenBudget);
  const fleet = unstartedFleet({ root, say, config: configOf(options), dataDir: dataDir.path });
  // also cleans up when the benchmark is interrupted
  const abandon = () => {
    for (const child of fleet.children) child.kill('SIGTERM');
    dataDir.release({ keepLogs: false });
  };
  process.once('exit', abandon);
  const stop = async () => {
    await stopFleet(fleet);
    process.off('exit', abandon);
    dataDir.release({ keepLogs: false });
  };
  try {
    const { members, redisUrl } = await startFleet(fleet);
    return {
      rankUrl: `${addressOf(members, 'gateway')}/v1/rerank`,
      redisUrl,
      fleet,
      pidOf: (app) => pidOf(fleet, app),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function configOf({ sessions, modelsDir, model }: RunningFleetOptions): UpConfig {
  return {
    port: 0,
    host: '127.0.0.1',
    workers: 1,
    sessionsPerWorker: sessions,
    models: [model],
    modelsDir,
    dataDir: undefined,
    redis: undefined,
    apiKey: undefined,
    once: true,
    board: undefined,
    probe: false,
    observe: undefined,
  };
}

function addressOf(members: readonly Member[], app: string): string {
  const url = members.find((member) => member.app === app)?.url;
  if (url === undefined) throw new Error(`the ${app} did not report its address`);
  return url;
}

function pidOf(fleet: Fleet, app: string): number {
  const child = fleet.children.find((each) => each.app === app);
  if (child === undefined) throw new Error(`there is no ${app} in this fleet`);
  return child.pid;
}
