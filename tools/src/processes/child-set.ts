import { rmSync } from 'node:fs';
import { claimDataDir } from '../up/data-dir';
import { type Child, type ChildSpec, readLog, startChild } from '../up/children';
import { realClock, stages } from '../up/fleet';
import { deathLines } from '../up/lines';
import { stopInOrder } from '../up/shutdown';
import { findFixedPort } from './fixed-port';

/** The processes of one run: whatever becomes of the run, none of them outlives it. */
export interface ChildSet {
  /** Where their logs and files lie. */
  readonly folder: string;
  /** A port for a process of this run. */
  findPort(): Promise<number>;
  start(spec: ChildSpec): Promise<Child>;
  /** Kills a process that is to be missed. Resolves once it is gone. */
  kill(child: Child): Promise<void>;
  /** What is to be said of those that ended although nobody asked them to. */
  unaskedEnds(): string[];
  /** The path of the log of every process that was started, by its name. */
  logs(): ReadonlyMap<string, string>;
  /** Ends all in order, those that do not end in time by force; returns the names of those. The files stay. */
  stop(): Promise<string[]>;
  removeFiles(): void;
}

/** Makes the folder. Until they are stopped in order, the processes are killed and the folder goes with this process. */
export function openChildSet(): ChildSet {
  const { path: folder } = claimDataDir(undefined);
  const children: Child[] = [];
  const expected = new Set<Child>();
  const ends: string[] = [];
  const logs = new Map<string, string>();
  const ports = new Set<number>();
  const abandon = () => {
    for (const child of children) if (child.exit() === undefined) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', abandon);
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
    unaskedEnds: () => [...ends],
    logs: () => logs,
    async stop() {
      for (const child of children) {
        expected.add(child);
        // one that is still stopped would not hear the rest
        if (child.exit() === undefined) child.kill('SIGCONT');
      }
      const killed = await stopInOrder(stages(children), realClock);
      process.off('exit', abandon);
      return killed;
    },
    removeFiles: () => rmSync(folder, { recursive: true, force: true }),
  };
}
