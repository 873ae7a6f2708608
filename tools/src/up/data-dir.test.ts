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

it('makes a folder of its own and removes it at the end', () => {
  const claimed = claimDataDir(undefined);
  writeFileSync(join(claimed.path, 'gateway.log'), 'x');
  claimed.release({ keepLogs: false });
  expect(existsSync(claimed.path)).toBe(false);
});

it('keeps its own folder when the logs are wanted', () => {
  const claimed = claimDataDir(undefined);
  claimed.release({ keepLogs: true });
  expect(existsSync(claimed.path)).toBe(true);
  rmSync(claimed.path, { recursive: true });
});

it('makes a given folder where there is none, and keeps it', () => {
  const wanted = join(folder, 'a/b');
  claimDataDir(wanted).release({ keepLogs: false });
  expect(existsSync(wanted)).toBe(true);
  claimDataDir(wanted).release({ keepLogs: false });
});

it('refuses a folder that a living launcher uses', () => {
  writeFileSync(join(folder, 'up.pid'), String(process.ppid));
  expect(() => claimDataDir(folder)).toThrow(`in use by the fleet of process ${process.ppid}`);
});

it('takes over a folder whose launcher is dead', () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(join(folder, 'up.pid'), String(pid));
  claimDataDir(folder);
  expect(readFileSync(join(folder, 'up.pid'), 'utf8')).toBe(String(process.pid));
});
