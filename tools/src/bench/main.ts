import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { exitOnSignals, runCommand } from '../command/command';
import { describeMachine } from './machine';
import { type Report, reportLines } from './report';
import { type Suite, faultsOf } from './result';

const root = resolve(__dirname, '../../..');
const folder = join(__dirname, 'suites');

/** The commit that is measured, for the report; `unknown` outside a checkout. */
function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const changes = git('status', '--porcelain', '--untracked-files=no').trim() === '' ? '' : '+changes';
    return `${git('rev-parse', '--short', 'HEAD').trim()}${changes}`;
  } catch {
    return 'unknown';
  }
}

function suiteNames(): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
}

function readText(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** The name of the suite and the file for the report, or an error message. */
function parseArguments(args: string[]): { suite: string; json: string | undefined } | string {
  const [suite, option, json, ...rest] = args;
  const names = suiteNames();
  const usage = `usage: npm run bench -- <suite> [--json FILE]\nsuites: ${names.join(', ') || 'none'}`;
  const wellFormed = rest.length === 0 && (option === undefined || (option === '--json' && json !== undefined));
  if (suite === undefined || !names.includes(suite) || !wellFormed) return usage;
  return { suite, json };
}

async function main(): Promise<number> {
  const parsed = parseArguments(process.argv.slice(2));
  if (typeof parsed === 'string') {
    console.error(parsed);
    return 2;
  }
  const { suite, json } = parsed;
  const { run } = (await import(join(folder, `${suite}.ts`))) as Suite;
  const results = await run({ root, say: (line) => console.error(line) });
  const faults = faultsOf(suite, results);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const report: Report = { suite, commit: commit(), machine: describeMachine(readText('/proc/cpuinfo')), results };
  for (const line of reportLines(report)) console.log(line);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`);
  return 0;
}

exitOnSignals();
runCommand(main);
