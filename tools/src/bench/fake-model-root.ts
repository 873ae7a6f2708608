import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultBundle } from './bundles';
import { buildPrograms } from './programs';

/** The name of the bundle without a model. */
export const fakeModel = 'no-model';

/**
 * Lays out a folder that a fleet can be started from as from the repository: the built gateway, and the built worker,
 * whose main thread is the shipped one while its encoder and session threads are fakes that take no time. So all that
 * is left is the way there and back: HTTP, queue, threads, batching, answer.
 */
export async function layOutFakeModel(root: string, folder: string, limits: FakeLimits): Promise<void> {
  const worker = join(folder, 'dist/apps/worker');
  await mkdir(worker, { recursive: true });
  await symlink(join(root, 'dist/apps/gateway'), join(folder, 'dist/apps/gateway'));
  await symlink(join(root, 'dist/apps/worker/node_modules'), join(worker, 'node_modules'));
  // a copy: a link would find the shipped threads beside the file that it points to
  await copyFile(join(root, 'dist/apps/worker/main.js'), join(worker, 'main.js'));
  await buildPrograms(['encoder-thread', 'session-thread'], worker);
  await writeBundle(root, folder, limits);
}

export interface FakeLimits {
  /** Rows of one call. */
  maxRows: number;
  /** Cells of one call. */
  tokenBudget: number;
}

/** The default bundle's manifest under another name and other limits, with empty files in place of its own. */
async function writeBundle(root: string, folder: string, { maxRows, tokenBudget }: FakeLimits): Promise<void> {
  const text = await readFile(join(root, defaultBundle, 'manifest.json'), 'utf8');
  const manifest = JSON.parse(text) as { files: Record<string, { path: string }> };
  const bundle = join(folder, 'models', fakeModel, '1');
  await mkdir(bundle, { recursive: true });
  const content = '{}';
  const sha256 = createHash('sha256').update(content).digest('hex');
  const files = Object.entries(manifest.files).map(([role, { path }]) => [
    role,
    { path, sha256, sizeBytes: content.length },
  ]);
  for (const { path } of Object.values(manifest.files)) await writeFile(join(bundle, path), content);
  await writeFile(
    join(bundle, 'manifest.json'),
    JSON.stringify({
      ...manifest,
      name: fakeModel,
      aliases: [],
      maxRows,
      tokenBudget: { cpu: tokenBudget },
      files: Object.fromEntries(files),
    }),
  );
}
