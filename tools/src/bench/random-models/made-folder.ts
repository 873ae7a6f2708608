import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The folder of everything that benchmarks make once and use again. It is outside the repository. */
export function benchCache(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'rerank-fleet/bench');
}

export interface MadeFolderOptions {
  /** What the content depends on. */
  recipe: string;
  /** Room on the disk that the content takes. */
  neededBytes: number;
  make(folder: string): Promise<void>;
}

const recipeFile = 'recipe.txt';

/**
 * A folder with content that is made once and again when its recipe changes. It appears when its content is complete, so
 * that an interrupted attempt leaves nothing that would be used.
 * @throws Error when the disk lacks the room
 */
export async function madeFolder(folder: string, { recipe, neededBytes, make }: MadeFolderOptions): Promise<string> {
  const found = await readFile(join(folder, recipeFile), 'utf8').catch(() => undefined);
  if (found === recipe) return folder;
  const unfinished = `${folder}.unfinished`;
  for (const old of [folder, unfinished]) await rm(old, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  const { bavail, bsize } = await statfs(dirname(folder));
  const freeBytes = bavail * bsize;
  if (freeBytes < neededBytes) {
    throw new Error(`${folder} needs ${gigabytes(neededBytes)} GB, and ${gigabytes(freeBytes)} GB are free`);
  }
  await mkdir(unfinished);
  await make(unfinished);
  await writeFile(join(unfinished, recipeFile), recipe);
  await rename(unfinished, folder);
  return folder;
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);

/** A checksum of the sources under some folders, without their tests: the recipe of what they make. */
export function sourcesChecksum(folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders) {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    for (const name of names.filter((one) => /\.(?:ts|json)$/.test(one) && !one.endsWith('.test.ts')).sort()) {
      hash.update(`${name}\n`).update(readFileSync(join(folder, name)));
    }
  }
  return hash.digest('hex');
}
