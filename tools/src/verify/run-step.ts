import { spawn } from 'node:child_process';

export interface StepOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Time limit after which the step and its processes are killed. */
  limitMs: number;
  /** Aborts when the whole run must stop. */
  signal: AbortSignal;
}

export type StepEnd = 'ok' | 'failed' | 'too-slow' | 'stopped';

/**
 * Runs a command in its own process group, without standard input; its output is passed through. At the end, every
 * process of the group is stopped.
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
