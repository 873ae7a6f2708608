import { rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { externalPackages } from '../build/plan';

/** A temporary folder inside the checkout, so that programs that are built into it find the installed packages. */
export interface BuildFolder {
  path: string;
  remove(): void;
}

/** Creates the folder where git, jest and nx ignore it. It is removed when the process exits. */
export async function makeBuildFolder(root: string): Promise<BuildFolder> {
  const parent = join(root, 'node_modules/.cache');
  await mkdir(parent, { recursive: true });
  const path = await mkdtemp(join(parent, 'rerank-fleet-bench-'));
  const remove = () => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.once('exit', remove);
  return { path, remove };
}

/**
 * Bundles files of `programs` like the apps, so that both sides of a comparison run equally compiled code. On failure,
 * esbuild prints its messages and the promise rejects.
 */
export async function buildPrograms(names: readonly string[], folder: string): Promise<void> {
  await build({
    entryPoints: names.map((name) => ({ in: join(__dirname, 'programs', `${name}.ts`), out: name })),
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    conditions: ['@rerank-fleet/source'],
    external: externalPackages,
    logLevel: 'warning',
  });
}
