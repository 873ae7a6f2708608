import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The folder of one running fleet: logs, Redis' files. */
export interface DataDir {
  path: string;
  /** Gives the folder back: removes it if it was made for this run (unless its logs are wanted), else only its mark. */
  release(options: { keepLogs: boolean }): void;
}

const markFile = 'up.pid';

/**
 * Makes and marks the folder. Throws when another launcher that still lives uses it: two Redis servers on one
 * append-only file would destroy it.
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
  const mark = join(path, markFile);
  claimMark(mark, path);
  return { path, release: () => rmSync(mark, { force: true }) };
}

function claimMark(mark: string, path: string): void {
  if (writeIfAbsent(mark)) return;
  const pid = Number(readFileSync(mark, 'utf8'));
  if (isAlive(pid)) throw new Error(`${path} is in use by the fleet of process ${pid}`);
  // left behind by a launcher that was killed
  writeFileSync(mark, String(process.pid));
}

function writeIfAbsent(mark: string): boolean {
  try {
    writeFileSync(mark, String(process.pid), { flag: 'wx' });
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
