import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@rerank-fleet/test-support';
import { isAlive } from '../up/testing';
import { runStep } from './run-step';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-step-test-'));
});
afterEach(() => {
  const file = join(folder, 'pid');
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const never = new AbortController().signal;
const options = { cwd: tmpdir(), env: process.env, limitMs: 30_000, signal: never };
const node = (script: string): [string, ...string[]] => [process.execPath, '-e', script];

/** Starts a grandchild that runs forever, and writes its id to a file. */
const withGrandchild = (file: string, then: string) => `
const { spawn } = require('node:child_process');
const grandchild = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
grandchild.unref();
require('node:fs').writeFileSync(${JSON.stringify(file)}, String(grandchild.pid));
${then}`;

async function gone(file: string): Promise<void> {
  const pid = Number(readFileSync(file, 'utf8'));
  await until(() => !isAlive(pid));
}

it('distinguishes success from failure', async () => {
  expect(await runStep(node(''), options)).toBe('ok');
  expect(await runStep(node('process.exit(3)'), options)).toBe('failed');
  expect(await runStep(['/nowhere/at-all'], options)).toBe('failed');
});

it('kills a step that takes too long, and its processes', async () => {
  const file = join(folder, 'pid');
  const end = await runStep(node(withGrandchild(file, 'setInterval(() => {}, 1000);')), { ...options, limitMs: 1_500 });
  expect(end).toBe('too-slow');
  await gone(file);
});

it('stops the remaining processes of a step that has ended', async () => {
  const file = join(folder, 'pid');
  expect(await runStep(node(withGrandchild(file, 'process.exit(0);')), options)).toBe('ok');
  await gone(file);
});

it('stops a step when the signal aborts, and starts none after that', async () => {
  const stop = new AbortController();
  const file = join(folder, 'pid');
  const step = runStep(node(withGrandchild(file, 'setInterval(() => {}, 1000);')), { ...options, signal: stop.signal });
  await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '');
  stop.abort();
  expect(await step).toBe('stopped');
  await gone(file);
  expect(await runStep(node(''), { ...options, signal: stop.signal })).toBe('stopped');
});
