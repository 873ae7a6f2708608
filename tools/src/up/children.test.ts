import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLog, startChild } from './children';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'children-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Blocks this thread, as a busy machine does. */
function block(durationMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
}

const startEcho = (text: string) => {
  const spec = { app: 'echo', name: 'echo', command: '/bin/echo', args: [text], env: process.env };
  return startChild({ ...spec, logPath: join(folder, 'echo.log') });
};

it('shows what a child wrote before the launcher first read the log', async () => {
  const starting = startEcho('early');
  block(300);
  const child = await starting;
  await child.exited;
  expect(readLog(child)).toBe('early\n');
});

it('lets no other user of the machine read a log', async () => {
  const child = await startEcho('quiet');
  await child.exited;
  expect(statSync(child.logPath).mode & 0o777).toBe(0o600);
});

it('shows only what this child wrote when the log has older lines', async () => {
  writeFileSync(join(folder, 'echo.log'), 'Zeile von früher\n');
  const child = await startEcho('new');
  await child.exited;
  expect(readLog(child)).toBe('new\n');
});
