import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A program that prints lines until it is stopped. */
export interface LineSource {
  stop(): void;
}

/** Receives the lines of a program and its end. */
export interface LineListener {
  line(text: string): void;
  /** Called once. `isMissing`: the program does not exist. */
  ended(end: { isMissing: boolean }): void;
}

/** How a program is started. The PATH of `env` is searched for it. */
export interface Program {
  args: string[];
  env: NodeJS.ProcessEnv;
  listener: LineListener;
}

/** Starts a program and reads what it prints, line by line. */
export function startProgram(command: string, { args, env, listener }: Program): LineSource {
  const { line, ended } = listener;
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  let isMissing = false;
  child.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'ENOENT') isMissing = true;
  });
  createInterface({ input: child.stdout }).on('line', line);
  child.once('close', () => ended({ isMissing }));
  return {
    stop() {
      child.kill('SIGKILL');
      child.stdout.destroy();
    },
  };
}
