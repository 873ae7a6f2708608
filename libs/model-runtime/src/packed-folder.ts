import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, statfs, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { isNotFound } from './bundle-file';

/** A build shows that it runs by touching its folder each second. */
const beatMs = 1_000;
const staleAfterMs = 15_000;
const unusedAfterMs = 30 * 24 * 60 * 60 * 1000;
/** Names of packed models and of their builds. Nothing else in the folder is touched. */
const ownName = /^([^@]+)@.+-[0-9a-f]{16}(\.building|\.removed-[0-9a-f-]+)?$/;

/**
 * Makes the folder if it is missing, for this user only. False if other users may write to it: they could exchange
 * weights between the check and the load. @throws system errors
 */
export async function ownFolder(folder: string): Promise<boolean> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = await stat(folder);
  return uid === process.getuid?.() && (mode & 0o022) === 0;
}

/** Bytes that this user may still write into a folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** The folder in which a packed model is built. It exists while one process builds, and others wait. */
export const buildingFolder = (entry: string): string => `${entry}.building`;

/**
 * Takes the place of the one process that builds. Undefined if another one has it, or had it and was killed: its folder
 * is then removed, and the place is free at the next try. `release` gives it back and removes what is in the folder.
 */
export async function claimBuild(entry: string): Promise<{ release(): Promise<void> } | undefined> {
  const folder = buildingFolder(entry);
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // not made again at once: another process may be about to remove the same folder
    if (((await ageMs(folder)) ?? 0) > staleAfterMs) await discard(folder);
    return undefined;
  }
  const beat = setInterval(() => void touch(folder).catch(() => undefined), beatMs);
  return {
    async release() {
      clearInterval(beat);
      await discard(folder);
    },
  };
}

async function ageMs(path: string): Promise<number | undefined> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Marks a folder as used now. */
export async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now);
}

/**
 * Removes a folder. It loses its name at once, so that nobody reads a part of it. Processes that have mapped its files
 * keep them.
 */
export async function discard(folder: string): Promise<void> {
  const removed = `${folder.replace(/\.building$/, '')}.removed-${randomUUID()}`;
  try {
    await rename(folder, removed);
  } catch (error) {
    if (isNotFound(error)) return;
    throw error;
  }
  await rm(removed, { recursive: true, force: true });
}

/**
 * Removes what is no longer needed: leftovers of killed processes, other packed models of the same bundle but the one
 * that was used last (for the way back), and what nobody has loaded for 30 days.
 */
export async function prune(folder: string, name: string): Promise<void> {
  const found: { path: string; bundle: string; suffix: string; age: number }[] = [];
  for (const other of await readdir(folder)) {
    const [, bundle, suffix = ''] = ownName.exec(other) ?? [];
    const path = join(folder, other);
    const age = await ageMs(path);
    if (bundle !== undefined && other !== name && age !== undefined) found.push({ path, bundle, suffix, age });
  }
  const bundle = ownName.exec(name)?.[1];
  const previous = found.filter((one) => one.suffix === '' && one.bundle === bundle).sort((a, b) => a.age - b.age)[0];
  for (const one of found) {
    const isLeftover = one.suffix.startsWith('.removed') || (one.suffix !== '' && one.age > staleAfterMs);
    const isReplaced = one.suffix === '' && one.bundle === bundle && one !== previous;
    if (isLeftover || isReplaced || one.age > unusedAfterMs) await discard(one.path);
  }
}
