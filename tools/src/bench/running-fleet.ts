import { claimDataDir } from '../up/data-dir';
import { type Fleet, type Member, startFleet, stopFleet } from '../up/fleet';
import type { UpConfig } from '../up/config';

/** A fleet of the built apps with a Redis of its own, as `tools/up.sh` starts it, on free ports. */
export interface RunningFleet {
  /** Where requests are ranked. */
  rankUrl: string;
  redisUrl: string;
  /** The processes; what is added is stopped with the rest. */
  fleet: Fleet;
  /** Process id of the first child of an app. */
  pidOf(app: string): number;
  /** Ends every process and removes their files. */
  stop(): Promise<void>;
}

export interface RunningFleetOptions {
  /** The folder whose `dist` and `models` are used. */
  root: string;
  sessions: number;
  /** Folder of model bundles; undefined = `models` of `root`. */
  modelsDir?: string;
  /** `<name>` or `<name>@<version>`. */
  model: string;
  say: (line: string) => void;
}

/** Starts one worker with that many sessions, and waits until it is ready. What was started is stopped when it fails. */
export async function runFleet(options: RunningFleetOptions): Promise<RunningFleet> {
  const dataDir = claimDataDir(undefined);
  const fleet = unstartedFleet(options, dataDir.path);
  // a benchmark that is interrupted leaves nothing behind either
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

function unstartedFleet({ root, sessions, modelsDir, model, say }: RunningFleetOptions, dataDir: string): Fleet {
  const failedStart = new AbortController();
  const config: UpConfig = {
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
  return {
    root,
    config,
    dataDir,
    say,
    signal: failedStart.signal,
    abortStart: () => failedStart.abort(),
    children: [],
    expected: new Set(),
    ready: false,
  };
}

function addressOf(members: readonly Member[], app: string): string {
  const url = members.find((member) => member.app === app)?.url;
  if (url === undefined) throw new Error(`the ${app} did not say its address`);
  return url;
}

function pidOf(fleet: Fleet, app: string): number {
  const child = fleet.children.find((each) => each.app === app);
  if (child === undefined) throw new Error(`there is no ${app} in this fleet`);
  return child.pid;
}
