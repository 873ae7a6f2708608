import { type ChildProcess, spawn } from 'node:child_process';

/** Running programs of the current test. */
const running = new Set<ChildProcess>();

/** Kills the programs that a failed test left running; for `afterEach`. */
export function endPrograms(): void {
  for (const child of running) child.kill('SIGTERM');
}

/** Runs a program of the tools like its npm script. Returns its exit code and its output lines. */
export async function runProgram(
  main: string,
  args: readonly string[],
): Promise<{ code: number | null; lines: string[] }> {
  const loader = ['--conditions=@rerank-fleet/source', '--import', 'tsx'];
  const child = spawn(process.execPath, [...loader, main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  running.delete(child);
  return { code, lines: output.trimEnd().split('\n') };
}
