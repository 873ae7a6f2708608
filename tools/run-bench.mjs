// `npm run bench -- <suite> [--json FILE]`: builds what is stale (suites may start the built apps), then runs the suite.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const fromSource = ['--conditions=@rerank-fleet/source', '--import', import.meta.resolve('tsx')];
const run = (script, args) =>
  spawnSync(process.execPath, [...fromSource, `${root}/tools/src/${script}`, ...args], { stdio: 'inherit' }).status ??
  1;

process.exitCode = run('build/main.ts', []) || run('bench/main.ts', process.argv.slice(2));
