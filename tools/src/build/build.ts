import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build as esbuild } from 'esbuild';
import { licencesOf } from './licences';
import { type Bundle, type Copy, externalPackages, type Page, planBuild } from './plan';
import { sourceStamp } from './stamp';

const stampFile = 'build-stamp';

async function bundle(root: string, into: string, bundles: Bundle[]): Promise<void> {
  const missing = bundles.find(({ entry }) => !existsSync(entry));
  if (missing) throw new Error(`${missing.entry} does not exist: every app has a src/main.ts`);
  const { metafile } = await esbuild({
    metafile: true,
    entryPoints: bundles.map(({ entry, output }) => ({ in: entry, out: output.replace(/\.js$/, '') })),
    outdir: into,
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: true,
    // each process keeps its map in memory, and the texts of the sources would be two thirds of it
    sourcesContent: false,
    conditions: ['@rerank-fleet/source'],
    external: externalPackages,
    logLevel: 'warning',
  });
  for (const folder of new Set(bundles.map(({ output }) => dirname(output)))) {
    const outputs = Object.entries(metafile.outputs).filter(
      ([path]) => dirname(resolve(root, path)) === join(into, folder),
    );
    const inputs = outputs.flatMap(([, output]) => Object.keys(output.inputs));
    await writeFile(join(into, folder, 'licenses.md'), await licencesOf(root, inputs));
  }
}

/** Runs Vite's command: Vite is an ES module that reads the project's configuration from the working directory. */
async function makePage(root: string, into: string, { folder, to }: Page): Promise<void> {
  const project = join(root, folder);
  const packageOf = createRequire(join(project, 'package.json'));
  const vite = join(dirname(packageOf.resolve('vite/package.json')), 'bin/vite.js');
  const args = [vite, 'build', '--outDir', join(into, to), '--logLevel', 'warn'];
  await promisify(execFile)(process.execPath, args, { cwd: project }).catch((error: { stderr?: string }) => {
    throw new Error(`${folder} could not be built:\n${error.stderr}`);
  });
}

async function copy(root: string, into: string, { from, paths, to }: Copy): Promise<void> {
  for (const path of paths) {
    const target = join(into, to, path);
    await mkdir(dirname(target), { recursive: true });
    await cp(join(root, from, path), target, { recursive: true });
  }
}

/**
 * Builds every app and the launcher into `dist`, unless `dist` already contains the build of the same sources. The new
 * build is made in another folder that then replaces `dist`, so that a running fleet never reads a partly written file.
 * Rejects when a bundle fails; esbuild prints its messages, and `dist` stays unchanged.
 */
export async function buildAll(root: string): Promise<'built' | 'fresh'> {
  const stamp = sourceStamp(root);
  const dist = join(root, 'dist');
  if ((await readFile(join(dist, stampFile), 'utf8').catch(() => '')) === stamp) return 'fresh';
  // git, jest and nx ignore this folder, and it is on the same file system as dist
  const workshop = join(root, 'node_modules/.cache');
  await mkdir(workshop, { recursive: true });
  const scratch = await mkdtemp(join(workshop, 'rerank-fleet-build-'));
  try {
    const plan = planBuild(root);
    await bundle(root, join(scratch, 'new'), plan.bundles);
    for (const page of plan.pages) await makePage(root, join(scratch, 'new'), page);
    for (const each of plan.copies) await copy(root, join(scratch, 'new'), each);
    await writeFile(join(scratch, 'new', stampFile), stamp);
    if (existsSync(dist)) await rename(dist, join(scratch, 'old'));
    await rename(join(scratch, 'new'), dist);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return 'built';
}
