import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimDataDir } from './data-dir';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'data-dir-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('creates a temporary folder and removes it at the end', () => {
  const claimed = claimDataDir(undefined);
  writeFileSync(join(claimed.path, 'gateway.log'), 'x');
  claimed.release({ keepLogs: false });
  expect(existsSync(claimed.path)).toBe(false);
});

it('keeps the temporary folder when the logs are wanted', () => {
  const claimed = claimDataDir(undefined);
  claimed.release({ keepLogs: true });
  expect(existsSync(claimed.path)).toBe(true);
  rmSync(claimed.path, { recursive: true });
});

it('creates the given folder if it does not exist, and keeps it', () => {
  const wanted = join(folder, 'a/b');
  claimDataDir(wanted).release({ keepLogs: false });
  expect(existsSync(wanted)).toBe(true);
  claimDataDir(wanted).release({ keepLogs: false });
});

it('refuses a folder that a running launcher uses', () => {
  writeFileSync(join(folder, 'up.pid'), String(process.ppid));
  expect(() => claimDataDir(folder)).toThrow(`in use by the fleet of process ${process.ppid}`);
});

it('takes over a folder whose launcher has ended', () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(join(folder, 'up.pid'), String(pid));
  claimDataDir(folder);
  expect(readFileSync(join(folder, 'up.pid'), 'utf8')).toBe(String(process.pid));
});
