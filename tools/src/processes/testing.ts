import { type ChildProcess, spawn } from 'node:child_process';

/** Programs that a test has started; none outlives it. */
const running = new Set<ChildProcess>();

/** Ends what a failed test has left; for `afterEach`. */
export function endPrograms(): void {
  for (const child of running) child.kill('SIGTERM');
}

/** Runs a program of the tools as its npm script does; its exit code and the lines that it printed. */
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
