import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The folder of one running fleet, with logs and Redis' files. */
export interface DataDir {
  path: string;
  /** Removes the folder if it is temporary (unless `keepLogs`), otherwise only its pid file. */
  release(options: { keepLogs: boolean }): void;
}

const pidFileName = 'up.pid';

/**
 * Creates the folder and its pid file. Throws when another running launcher uses the folder: two Redis servers would
 * destroy their common append-only file.
 */
export function claimDataDir(wanted: string | undefined): DataDir {
  if (wanted === undefined) {
    const path = mkdtempSync(join(tmpdir(), 'rerank-fleet-'));
    const release = ({ keepLogs }: { keepLogs: boolean }) => {
      if (!keepLogs) rmSync(path, { recursive: true, force: true });
    };
    return { path, release };
  }
  const path = resolve(wanted);
  mkdirSync(path, { recursive: true });
  const pidFile = join(path, pidFileName);
  claimPidFile(pidFile, path);
  return { path, release: () => rmSync(pidFile, { force: true }) };
}

function claimPidFile(pidFile: string, path: string): void {
  if (writeIfAbsent(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  if (isAlive(pid)) throw new Error(`${path} is in use by the fleet of process ${pid}`);
  // the launcher that left this file was killed
  writeFileSync(pidFile, String(process.pid));
}

function writeIfAbsent(pidFile: string): boolean {
  try {
    writeFileSync(pidFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
