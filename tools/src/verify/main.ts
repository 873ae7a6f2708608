import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { subfolders } from '../build/stamp';
import { abortOnSignals, printError } from '../command/command';
import { type StepEnd, type StepOptions, runStep } from './run-step';
import { type JestReport, type StepResult, countLine, judge } from './summary';

const root = resolve(__dirname, '../../..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);

/** Ends a hanging run with a failure before a CI system cancels it. */
const checkLimitMs = 600_000;
const testLimitMs = 1_800_000;

/** The steps before the tests. All of them run, even if one fails. */
const checks: { name: string; command: [string, ...string[]] }[] = [
  {
    name: 'lint or type check',
    command: [bin('nx'), 'run-many', '--targets=lint,typecheck', '--parallel=2', '--outputStyle=static'],
  },
  { name: 'format check', command: [bin('prettier'), '--check', '.'] },
  { name: 'check of circular imports', command: [bin('depcruise'), 'apps', 'libs', 'tools/src'] },
  { name: 'check of unused files, exports and dependencies', command: [bin('knip')] },
];

function say(text: string): void {
  console.log(`\n== ${text}`);
}

async function runChecks(options: Omit<StepOptions, 'limitMs'>): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const { name, command } of checks) {
    say(name);
    results.push({ name, ok: (await runStep(command, { ...options, limitMs: checkLimitMs })) === 'ok' });
  }
  return results;
}

/** Time limit for jest to exit after its report. An open handle would keep it running forever. */
const exitLimitMs = 30_000;

/** Aborts when a file has existed for `delayMs`. `cancel` stops the check. */
function afterFile(file: string, delayMs: number): { signal: AbortSignal; cancel: () => void } {
  const late = new AbortController();
  let seenMs: number | undefined;
  const timer = setInterval(() => {
    if (existsSync(file)) seenMs ??= performance.now();
    if (seenMs !== undefined && performance.now() - seenMs > delayMs) late.abort();
  }, 500);
  return { signal: late.signal, cancel: () => clearInterval(timer) };
}

/** Runs jest in all projects. The report is undefined when jest did not write one. */
async function runTests(options: Omit<StepOptions, 'limitMs'>): Promise<{ end: StepEnd; report?: JestReport }> {
  const folder = mkdtempSync(join(tmpdir(), 'rerank-fleet-tests-'));
  const file = join(folder, 'report.json');
  const hangs = afterFile(file, exitLimitMs);
  try {
    say('tests');
    // at least two workers, because tests wait for other processes half of the time
    const workers = `--maxWorkers=${Math.max(2, availableParallelism() - 1)}`;
    const command: [string, ...string[]] = [bin('jest'), '--ci', workers, '--json', `--outputFile=${file}`];
    const signal = AbortSignal.any([options.signal, hangs.signal]);
    const end = await runStep(command, { ...options, signal, limitMs: testLimitMs });
    if (hangs.signal.aborted) console.error('jest did not exit: a test left something open');
    if (end === 'too-slow') console.error(`the tests did not end within ${testLimitMs / 60_000} minutes`);
    return existsSync(file) ? { end, report: JSON.parse(readFileSync(file, 'utf8')) as JestReport } : { end };
  } finally {
    hangs.cancel();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Changed and new files as reported by git; undefined if this is not a checkout. */
function workTree(): string | undefined {
  if (!existsSync(join(root, '.git'))) return undefined;
  return execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
}

async function main(): Promise<number> {
  const signal = abortOnSignals();
  const before = workTree();
  // CI must not use cached results of earlier runs
  const fromScratch = process.env['CI'] ? { NX_SKIP_NX_CACHE: 'true' } : {};
  const plain = process.stdout.isTTY ? {} : { NO_COLOR: '1', FORCE_COLOR: '0' };
  const env = { ...process.env, ...fromScratch, ...plain, NX_DAEMON: 'false', NX_TUI: 'false' };
  const options = { cwd: root, env, signal };
  const steps = [{ name: 'build', ok: !process.argv.includes('--built=no') }, ...(await runChecks(options))];
  const { end, report } = await runTests(options);
  // only in CI, where no file is edited during the tests
  if (process.env['CI']) steps.push({ name: 'unchanged work tree', ok: workTree() === before });
  const projects = ['apps', 'libs'].flatMap((group) => subfolders(join(root, group)).map((name) => `${group}/${name}`));
  const tested = [...projects, 'tools'].filter((project) => existsSync(join(root, project, 'jest.config.cjs')));
  const verdict = judge(steps, { report, endedWell: end === 'ok' }, { root, projects: tested });
  say('result');
  for (const reason of verdict.reasons) console.log(reason);
  console.log(countLine(verdict));
  return verdict.failed === 0 && verdict.passed > 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    printError(error);
    console.log('0 passed, 1 failed');
    process.exit(1);
  },
);
