import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, readLog } from '../up/children';
import { isReady } from '../up/fleet';
import { lastLines } from '../up/lines';
import { poll } from '../up/waiting';
import type { ChildSet } from './child-set';

/** How a built app is started. */
export interface AppSpec {
  app: 'gateway' | 'worker' | 'queue-board';
  /** `app`, with a number if there are several; also the name of its log. */
  name: string;
  env: Record<string, string>;
}

/** A built app whose process can be killed and restarted. Its addresses stay the same. */
export interface App {
  readonly name: string;
  /** URL of its main port; a worker does not listen on it. */
  readonly url: string;
  readonly opsUrl: string;
  /** The current process. */
  child(): Child;
  /** Restarts the app after a kill. Resolves at once; see {@link App.ready}. */
  restart(): Promise<void>;
  /** Resolves when `/ready` answers 200. Rejects when the app has ended, or is not ready within two minutes. */
  ready(): Promise<void>;
}

const readyLimitMs = 120_000;

/** Starts an app of `<root>/dist/apps` on free ports. Rejects when it is not built. */
export async function startApp(children: ChildSet, root: string, spec: AppSpec): Promise<App> {
  const main = join(root, 'dist/apps', spec.app, 'main.js');
  if (!existsSync(main)) throw new Error(`${main} is missing: run npm run build first`);
  const [port, opsPort] = [await children.findPort(), await children.findPort()];
  const ports = { HOST: '127.0.0.1', PORT: String(port), OPS_HOST: '127.0.0.1', OPS_PORT: String(opsPort) };
  const start = () =>
    children.start({
      app: spec.app,
      name: spec.name,
      command: process.execPath,
      args: ['--enable-source-maps', main],
      env: { PATH: process.env['PATH'], NODE_ENV: 'production', DRAIN_LIMIT_MS: '4000', ...ports, ...spec.env },
      logPath: join(children.folder, `${spec.name}.log`),
    });
  let child = await start();
  const opsUrl = `http://127.0.0.1:${opsPort}`;
  return {
    name: spec.name,
    url: `http://127.0.0.1:${port}`,
    opsUrl,
    child: () => child,
    async restart() {
      child = await start();
    },
    ready: () => awaitReady(spec.name, opsUrl, () => child),
  };
}

async function awaitReady(name: string, opsUrl: string, child: () => Child): Promise<void> {
  const { signal } = new AbortController();
  const ready = await poll(() => isReady(opsUrl, signal), {
    until: (waitedMs) => child().exit() !== undefined || waitedMs > readyLimitMs,
  });
  if (ready) return;
  const [last = 'its log is empty'] = lastLines(readLog(child()), 1);
  throw new Error(`${name} is not ready: ${last}`);
}

/** The samples of a `/metrics` page, `name{labels}` as printed -> value. */
export async function readMetrics(opsUrl: string): Promise<Map<string, number>> {
  const response = await fetch(`${opsUrl}/metrics`, { signal: AbortSignal.timeout(10_000) });
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line): [string, number] => {
      const end = line.lastIndexOf('}') + 1 || line.indexOf(' ');
      return [line.slice(0, end), Number(line.slice(end).trim().split(' ')[0])];
    }),
  );
}
