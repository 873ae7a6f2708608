import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultBundle } from './bundles';
import { buildPrograms } from './programs';

/** The name of the bundle without a model. */
export const fakeModel = 'no-model';

/**
 * Creates a folder from which a fleet can be started: the built gateway, and the built worker with fake encoder and
 * session threads that take no time. What remains is the overhead of the fleet: HTTP, queue, threads, batching, answer.
 */
export async function layOutFakeModel(root: string, folder: string, limits: FakeLimits): Promise<void> {
  const worker = join(folder, 'dist/apps/worker');
  await mkdir(worker, { recursive: true });
  await symlink(join(root, 'dist/apps/gateway'), join(folder, 'dist/apps/gateway'));
  await symlink(join(root, 'dist/apps/worker/node_modules'), join(worker, 'node_modules'));
  // copied, because a linked file would load the real threads next to its target
  await copyFile(join(root, 'dist/apps/worker/main.js'), join(worker, 'main.js'));
  await buildPrograms(['encoder-thread', 'session-thread'], worker);
  await writeBundle(root, folder, limits);
}

export interface FakeLimits {
  /** Rows per call. */
  maxRows: number;
  /** Cells per call. */
  tokenBudget: number;
}

/** A bundle with the manifest of the default bundle, another name, other limits and empty files. */
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
