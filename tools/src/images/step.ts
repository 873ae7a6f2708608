import { join } from 'node:path';
import { type Child, readLog, startChild } from '../up/children';
import { progress } from '../up/fleet';
import { exitText, lastLines } from '../up/lines';
import { poll } from '../up/waiting';

/** What the steps of one run share. */
export interface Run {
  /** The repository. */
  root: string;
  /** Folder of buildah's images and containers. */
  storage: string;
  /** How buildah keeps layers. */
  driver: string;
  /** Folder for logs, removed at the end of a run that went well. */
  logs: string;
  say(line: string): void;
  /** Aborted when the run is told to stop. */
  signal: AbortSignal;
}

export interface Step {
  /** What is said of it; its log's name. */
  name: string;
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  limitMs: number;
}

/**
 * Runs a command to its end, its output in a log, and returns that output. Throws, with the end of the log, when it fails
 * or takes too long. Nothing that it started is left running.
 */
export async function runLogged(run: Run, { name, command, args, env = process.env, limitMs }: Step): Promise<string> {
  run.say(name);
  const logPath = join(run.logs, `${name.replaceAll(/[^\w.-]+/g, '-')}.log`);
  const child = await startChild({ app: name, name, command, args, env, logPath });
  const told = progress(run, name);
  try {
    await poll(() => child.exit(), {
      signal: run.signal,
      onWait: (waitedMs) => {
        if (waitedMs > limitMs) throw failure(child, `takes longer than ${limitMs / 60_000} minutes`);
        told(waitedMs);
      },
    });
  } finally {
    killGroup(child.pid);
    await child.exited;
  }
  const exit = await child.exited;
  if (exit.code !== 0) throw failure(child, `ended by ${exitText(exit)}`);
  return readLog(child);
}

function failure(child: Child, what: string): Error {
  const tail = lastLines(readLog(child), 15).map((line) => `  | ${line}`);
  return new Error([`${child.name}: ${what}`, ...tail].join('\n'));
}

/** Ends all that a child of `startChild` has started, which is a process group of its own. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
