import { createHash } from 'node:crypto';
import { mkdtemp, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Result } from '@rerank-fleet/contract';
import { weightFilesOf, type Bundle } from './bundle';
import { runtimeVersion } from './onnx-errors';
import { onnxOptions, packedFiles } from './onnx-session';
import { buildingFolder, claimBuild, discard, freeBytes, ownFolder, prune, touch } from './packed-folder';
import { stateOf } from './packed-record';
import { readProcessorIdentity, type Processor } from './processor';

/** Why a bundle is loaded from its own files. `code` is that of a system error or of the process that packs. */
export interface NotPacked {
  reason:
    | 'unknown-processor'
    | 'folder-open-to-others'
    | 'folder-unusable'
    | 'disk-too-small'
    | 'build-failed'
    | 'scores-would-differ';
  code?: string | undefined;
}

export type Packed = Result<{ bundle: Bundle }, { failure: NotPacked }>;

export interface PackingOptions {
  /** Folder of packed models. It is made if it is missing. */
  folder: string;
  processor: Processor;
  /** Runs `packModel`, best in a process of its own: it blocks, and its memory is not needed afterwards. */
  build(target: { folder: string; name: string }): Promise<Result<object, { failure: NotPacked }>>;
  /** Bytes that may be written into a folder. Default: those of its file system. */
  free?(folder: string): Promise<number>;
}

const waitMs = 200;

/**
 * The bundle with its weights as this processor multiplies them, in a file that all sessions and processes map. The
 * file is made where it is missing or damaged, by one process while others wait. Never throws because of the folder:
 * the bundle can then be used as it is.
 */
export async function withPackedWeights(bundle: Bundle, options: PackingOptions): Promise<Packed> {
  const identity = await readProcessorIdentity();
  if (identity === undefined) return { ok: false, failure: { reason: 'unknown-processor' } };
  const name = packedName(bundle, { processor: options.processor, identity, runtime: runtimeVersion() });
  try {
    if (!(await ownFolder(options.folder))) return { ok: false, failure: { reason: 'folder-open-to-others' } };
    await prune(options.folder, name);
    return await findOrBuild(bundle, join(options.folder, name), options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code !== 'string') throw error;
    return { ok: false, failure: { reason: 'folder-unusable', code } };
  }
}

/** The name of a packed model: equal names have equal content. */
export function packedName(
  { manifest }: Bundle,
  { processor, ...machine }: { processor: Processor; identity: string; runtime: string },
): string {
  const options = onnxOptions(manifest, { provider: 'cpu', threads: 1, processor });
  const weights = weightFilesOf(manifest).map(({ path, sha256 }) => [path, sha256]);
  const hash = createHash('sha256').update(JSON.stringify([machine, options, weights]));
  return `${manifest.name}@${manifest.version}-${hash.digest('hex').slice(0, 16)}`;
}

async function findOrBuild(bundle: Bundle, entry: string, options: PackingOptions): Promise<Packed> {
  for (let isBuilt = false; ;) {
    const state = await stateOf(entry, basename(entry));
    if (state === 'unusable') return { ok: false, failure: { reason: 'scores-would-differ' } };
    if (state === 'usable') {
      await touch(entry);
      return { ok: true, bundle: { ...bundle, packedModel: join(entry, packedFiles.model) } };
    }
    if (isBuilt) return { ok: false, failure: { reason: 'build-failed', code: state } };
    const claim = await claimBuild(entry);
    if (claim === undefined) {
      await delay(waitMs);
      continue;
    }
    try {
      const built = await build(bundle, entry, options);
      if (!built.ok) return built;
      isBuilt = true;
    } finally {
      await claim.release();
    }
  }
}

async function build(
  { manifest }: Bundle,
  entry: string,
  { build: run, free = freeBytes }: PackingOptions,
): Promise<Result<object, { failure: NotPacked }>> {
  const name = basename(entry);
  // another process may have finished just before the claim
  if ((await stateOf(entry, name)) === 'usable') return { ok: true };
  await discard(entry);
  const building = buildingFolder(entry);
  const weightBytes = weightFilesOf(manifest).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if ((await free(building)) < weightBytes * bytesPerWeightByte(manifest.dtype)) {
    return { ok: false, failure: { reason: 'disk-too-small' } };
  }
  // a folder of its own: the process of a build that was given up may still write into another one
  const folder = await mkdtemp(join(building, 'model-'));
  const built = await run({ folder, name });
  if (built.ok) await rename(folder, entry);
  return built;
}

/** The packed file holds the weights twice, as they were and packed; half precision is packed as single. */
function bytesPerWeightByte(dtype: string): number {
  return dtype === 'float16' ? 5 : 2.5;
}
