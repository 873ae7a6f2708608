import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '@rerank-fleet/contract';

export type BundleFolder = Result<{ folder: string }, { message: string }>;

/**
 * Finds `<name>` or `<name>@<version>` in a folder of bundles. A name alone means its newest version. On failure the
 * message is one line that lists the existing bundles or versions.
 */
export async function findBundleFolder(modelsFolder: string, model: string): Promise<BundleFolder> {
  const [name = '', wanted] = model.split('@', 2);
  const names = await folders(modelsFolder);
  if (!names.includes(name)) {
    const there = names.length === 0 ? 'there is no bundle in it' : `there are: ${names.join(', ')}`;
    return {
      ok: false,
      message: `no bundle "${name}" in ${modelsFolder}; ${there}. Set MODEL or MODELS_DIR, or fetch it with npm run model -- pull.`,
    };
  }
  const versions = await folders(join(modelsFolder, name));
  const version = wanted ?? versions.at(-1);
  if (version === undefined || !versions.includes(version)) {
    const there = versions.length === 0 ? 'it has no version folder' : `it has: ${versions.join(', ')}`;
    return { ok: false, message: `no version ${version ?? ''} of "${name}" in ${modelsFolder}; ${there}. Set MODEL.` };
  }
  return { ok: true, folder: join(modelsFolder, name, version) };
}

/** Every `<name>/<version>` in a folder of bundles, by name and version. Their content is not checked. */
export async function listBundleFolders(modelsFolder: string): Promise<{ name: string; version: string }[]> {
  const found: { name: string; version: string }[] = [];
  for (const name of await folders(modelsFolder)) {
    for (const version of await folders(join(modelsFolder, name))) found.push({ name, version });
  }
  return found;
}

/** Names of the subfolders, in the order of versions; empty if the folder cannot be read. Hidden ones are skipped. */
async function folders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
