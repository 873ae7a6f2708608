import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Exit } from './lines';

/** A process that the launcher started and must stop. */
export interface Child {
  /** `gateway`, `worker`, `redis`: the name in its `process` line. */
  app: string;
  /** `app`, with a number if there are several; also the name of its log. */
  name: string;
  pid: number;
  logPath: string;
  /** Size of the log in bytes when the process started. */
  logStart: number;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended. Never rejects. */
  exited: Promise<Exit>;
  /** How it ended; undefined while it runs. */
  exit(): Exit | undefined;
}

export interface ChildSpec {
  app: string;
  name: string;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  logPath: string;
}

/** Full path of a program in PATH; undefined if there is none. */
export function findProgram(name: string, path: string | undefined): string | undefined {
  for (const folder of (path ?? '').split(delimiter).filter(Boolean)) {
    const candidate = join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

/**
 * Starts a process that writes its output to its log file. The process has its own session, so that Ctrl-C reaches only
 * the launcher, which then stops the fleet in order. If util-linux' setpriv is installed, the kernel sends the process
 * SIGTERM when the launcher is killed; setpriv executes the program, so the pid stays the same. Rejects when the
 * process cannot be started.
 */
export function startChild(spec: ChildSpec): Promise<Child> {
  // readable by the owner only: Alertmanager, for example, logs webhook addresses, which may contain a token
  const log = openSync(spec.logPath, 'a', 0o600);
  // measured before the start: a fast child may write before this code continues
  const logStart = fstatSync(log).size;
  const setpriv = findProgram('setpriv', spec.env['PATH']);
  const [command, args] = setpriv
    ? [setpriv, ['--pdeathsig', 'TERM', '--', spec.command, ...spec.args]]
    : [spec.command, spec.args];
  const started = spawn(command, args, { env: spec.env, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  return new Promise((resolve, reject) => {
    let ended: Exit | undefined;
    const exited = new Promise<Exit>((resolveExit) => {
      started.once('exit', (code, signal) => resolveExit((ended = { code, signal })));
    });
    started.once('error', reject);
    started.once('spawn', () => {
      const { app, name, logPath } = spec;
      const kill = (signal: NodeJS.Signals) => void started.kill(signal);
      resolve({ app, name, logPath, logStart, pid: started.pid as number, kill, exited, exit: () => ended });
    });
  });
}

/** Everything that this child has written so far; empty when its log does not exist. */
export function readLog({ logPath, logStart }: Pick<Child, 'logPath' | 'logStart'>): string {
  try {
    return readFileSync(logPath).subarray(logStart).toString('utf8');
  } catch {
    return '';
  }
}
