import { join } from 'node:path';
import { type Child, readLog, startChild } from '../up/children';
import { progress } from '../up/fleet';
import { exitText, lastLines } from '../up/lines';
import { poll } from '../up/waiting';

/** Context that the steps of one run share. */
export interface Run {
  /** The repository. */
  root: string;
  /** Folder of buildah's images and containers. */
  storage: string;
  /** Storage driver of buildah. */
  driver: string;
  /** Folder for logs, removed at the end of a successful run. */
  logs: string;
  say(line: string): void;
  /** Aborts when the run must stop. */
  signal: AbortSignal;
}

export interface Step {
  /** Printed when the step starts; also the name of its log. */
  name: string;
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  limitMs: number;
}

/**
 * Runs a command, writes its output to a log, and returns the output. Throws, with the end of the log, when the command
 * fails or takes too long. All processes that the command started are stopped.
 */
export async function runLogged(run: Run, { name, command, args, env = process.env, limitMs }: Step): Promise<string> {
  run.say(name);
  const logPath = join(run.logs, `${name.replaceAll(/[^\w.-]+/g, '-')}.log`);
  const child = await startChild({ app: name, name, command, args, env, logPath });
  const reportWait = progress(run, name);
  try {
    await poll(() => child.exit(), {
      signal: run.signal,
      onWait: (waitedMs) => {
        if (waitedMs > limitMs) throw failure(child, `takes longer than ${limitMs / 60_000} minutes`);
        reportWait(waitedMs);
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

/** Kills the process group of a child of `startChild`. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
