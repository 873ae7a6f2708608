import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Sources of a build, relative to the repository. */
function inputs(root: string): string[] {
  const projects = ['apps', 'libs'].flatMap((group) => subfolders(join(root, group)).map((name) => `${group}/${name}`));
  const ofProjects = [...projects, 'tools'].flatMap((project) => [
    `${project}/src`,
    `${project}/golden`,
    `${project}/index.html`,
    `${project}/vite.config.ts`,
    `${project}/package.json`,
    `${project}/tsconfig.json`,
  ]);
  return ['package.json', 'package-lock.json', 'tsconfig.base.json', ...ofProjects];
}

/** Names of the folders directly inside a folder, sorted; none if it does not exist. */
export function subfolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

/** Paths of all files under a folder, sorted, or the path itself if it is a file; none if it does not exist. */
export function filesUnder(path: string): string[] {
  if (!existsSync(path)) return [];
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries
      .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(path, entry.name)) : [join(path, entry.name)]))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return [path];
    throw error;
  }
}

/**
 * SHA-256 (hex) of everything that determines a build: sources without tests, package files, the lock and the platform
 * of this machine. Equal stamps mean equal builds.
 */
export function sourceStamp(root: string): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const path of inputs(root).flatMap((input) => filesUnder(join(root, input)))) {
    if (/\.test\.tsx?$/.test(path)) continue;
    const content = readFileSync(path);
    hash.update(`${relative(root, path)} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}
