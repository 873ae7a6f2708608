import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Exit } from './lines';

/** A process that the launcher started and has to end. */
export interface Child {
  /** `gateway`, `worker`, `redis`: the word in its `process` line. */
  app: string;
  /** The same, with a number where there are several: its log's name. */
  name: string;
  pid: number;
  logPath: string;
  /** Bytes of the log that are older than this process. */
  logStart: number;
  kill(signal: NodeJS.Signals): void;
  /** Resolves once the process is gone. Never rejects. */
  exited: Promise<Exit>;
  /** How it ended; undefined while it lives. */
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

/** Full path of a program, looked up in PATH. */
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
 * Starts a process whose output goes straight to its log file. It is a session of its own, so that Ctrl-C reaches only
 * the launcher, which then ends the fleet in order; and where util-linux' setpriv exists (it becomes the program, the
 * pid stays), the kernel sends it SIGTERM should the launcher itself be killed. Rejects when it cannot be started.
 */
export function startChild(spec: ChildSpec): Promise<Child> {
  // not everybody's: an alert's webhook, say, may hold a token, and Alertmanager logs it
  const log = openSync(spec.logPath, 'a', 0o600);
  // before the start: a quick child may have written by the time that this process runs again
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

/** All that this very child has written so far; empty when its log is gone. */
export function readLog({ logPath, logStart }: Pick<Child, 'logPath' | 'logStart'>): string {
  try {
    return readFileSync(logPath).subarray(logStart).toString('utf8');
  } catch {
    return '';
  }
}
