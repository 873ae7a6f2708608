import { spawn } from 'node:child_process';

export interface StepOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** After this long the step and all that it started are killed. */
  limitMs: number;
  /** Aborts when the whole run is told to stop. */
  signal: AbortSignal;
}

export type StepEnd = 'ok' | 'failed' | 'too-slow' | 'stopped';

/**
 * Runs a command as a process group of its own, without standard input, its output passed through. However it ends,
 * nothing of the group is left running.
 */
export function runStep([command, ...args]: [string, ...string[]], options: StepOptions): Promise<StepEnd> {
  const { cwd, env, limitMs, signal } = options;
  if (signal.aborted) return Promise.resolve('stopped');
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    let end: StepEnd | undefined;
    const stop = (why: StepEnd) => {
      end ??= why;
      killGroup(child.pid);
    };
    const timer = setTimeout(() => stop('too-slow'), limitMs);
    const onAbort = () => stop('stopped');
    signal.addEventListener('abort', onAbort, { once: true });
    const finish = (how: StepEnd) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      killGroup(child.pid);
      resolve(end ?? how);
    };
    child.once('error', () => finish('failed'));
    child.once('exit', (code) => finish(code === 0 ? 'ok' : 'failed'));
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
