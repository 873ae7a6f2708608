import { readFileSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dashboardFiles, dashboardFolder } from './dashboards';

/** Writes the dashboards and removes files that are no longer generated. */
export async function writeGenerated(root: string): Promise<void> {
  const files = dashboardFiles();
  for (const path of await leftOver(root, files)) await rm(join(root, path));
  for (const [path, content] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

/** Paths of the files that differ from what the code generates, and of files that it no longer generates. */
export async function staleFiles(root: string): Promise<string[]> {
  const files = dashboardFiles();
  const changed = [...files].filter(([path, content]) => readOrUndefined(join(root, path)) !== content);
  return [...changed.map(([path]) => path), ...(await leftOver(root, files))];
}

async function leftOver(root: string, files: ReadonlyMap<string, string>): Promise<string[]> {
  const found = await readdir(join(root, dashboardFolder)).catch(() => []);
  return found.map((name) => `${dashboardFolder}/${name}`).filter((path) => !files.has(path));
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
