import { rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { externalPackages } from '../build/plan';

/** A folder of a benchmark's own inside the checkout, so that what is built into it finds the installed packages. */
export interface Workshop {
  path: string;
  remove(): void;
}

/** Makes the folder, in a place that git, jest and nx ignore. It goes with the process, however that ends. */
export async function openWorkshop(root: string): Promise<Workshop> {
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
 * Bundles files of `programs` as the apps are bundled, so that what is compared runs equally compiled code. Rejects
 * with esbuild's messages printed.
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
