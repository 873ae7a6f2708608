import { rmSync } from 'node:fs';
import { claimDataDir } from '../up/data-dir';
import { type Child, type ChildSpec, readLog, startChild } from '../up/children';
import { realClock, stages } from '../up/fleet';
import { deathLines } from '../up/lines';
import { stopInOrder } from '../up/shutdown';
import { findFixedPort } from './fixed-port';

/** The processes of one run. None of them outlives the run. */
export interface ChildSet {
  /** Folder of their logs and files. */
  readonly folder: string;
  /** Finds a free port for a process of this run. */
  findPort(): Promise<number>;
  start(spec: ChildSpec): Promise<Child>;
  /** Kills a process. Its end is expected and not reported. Resolves when it has ended. */
  kill(child: Child): Promise<void>;
  /** Reports of processes that ended unexpectedly. */
  unexpectedEnds(): string[];
  /** Paths of the logs of all started processes, by name. */
  logs(): ReadonlyMap<string, string>;
  /** Stops all processes in order. Returns the names of those that had to be killed. The files stay. */
  stop(): Promise<string[]>;
  removeFiles(): void;
}

/** Creates the folder. If this process exits before `stop`, the children are killed and the folder is removed. */
export function openChildSet(): ChildSet {
  const { path: folder } = claimDataDir(undefined);
  const children: Child[] = [];
  const expected = new Set<Child>();
  const ends: string[] = [];
  const logs = new Map<string, string>();
  const ports = new Set<number>();
  const killAll = () => {
    for (const child of children) if (child.exit() === undefined) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', killAll);
  return {
    folder,
    findPort: () => findFixedPort(ports),
    async start(spec) {
      const child = await startChild(spec);
      children.push(child);
      logs.set(spec.name, spec.logPath);
      void child.exited.then((exit) => {
        if (!expected.has(child)) ends.push(deathLines(child, exit, readLog(child)).join('\n'));
      });
      return child;
    },
    async kill(child) {
      expected.add(child);
      child.kill('SIGKILL');
      await child.exited;
    },
    unexpectedEnds: () => [...ends],
    logs: () => logs,
    async stop() {
      for (const child of children) {
        expected.add(child);
        // a stopped process (SIGSTOP) would not handle SIGTERM
        if (child.exit() === undefined) child.kill('SIGCONT');
      }
      const killed = await stopInOrder(stages(children), realClock);
      process.off('exit', killAll);
      return killed;
    },
    removeFiles: () => rmSync(folder, { recursive: true, force: true }),
  };
}
