import { readFileSync } from 'node:fs';

/**
 * Memory that only one process uses, in MiB, from the text of its /proc/<pid>/smaps_rollup. Pages of files count when no
 * other process has them mapped.
 */
export function privateMiBOf(smapsRollup: string): number {
  const kilobytes = [...smapsRollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)].map(([, size]) =>
    Number(size),
  );
  return kilobytes.reduce((sum, size) => sum + size, 0) / 1024;
}

/** Memory that only this process uses, in MiB. Linux only. Throws when the process does not exist. */
export function processPrivateMiB(pid: number): number {
  return privateMiBOf(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
}
