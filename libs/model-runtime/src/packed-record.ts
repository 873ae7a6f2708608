import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleFile } from '@rerank-fleet/scoring';
import { BundleError } from './bundle-error';
import { isNotFound, sha256Of, verifyFile } from './bundle-file';
import { parseJsonFile } from './json-file';
import { packedFiles } from './onnx-session';

/** Written last into the folder of a packed model. */
const recordFile = 'packed.json';

/** What was found out when the model was packed. */
interface PackedRecord {
  /** The folder's own name, so that a folder that was renamed or copied is not used. */
  name: string;
  /** Whether scores were those of the bundle's own graph, bit for bit. The files of an unusable one are not kept. */
  isUsable: boolean;
  files: BundleFile[];
}

/** A folder of a packed model. `damaged` is also one that belongs elsewhere. */
export type PackedState = 'absent' | 'damaged' | 'unusable' | 'usable';

/** Describes the files in a folder, or says that the model cannot be used packed. */
export async function writeRecord(folder: string, { name, isUsable }: Omit<PackedRecord, 'files'>): Promise<void> {
  const files: BundleFile[] = [];
  for (const path of isUsable ? Object.values(packedFiles) : []) {
    const file = join(folder, path);
    files.push({ path, sha256: await sha256Of(file), sizeBytes: (await stat(file)).size });
  }
  await writeFile(join(folder, recordFile), JSON.stringify({ name, isUsable, files } satisfies PackedRecord));
}

/**
 * Reads every byte of the files: a wrong bit in the weights would change scores without an error. SHA-256 takes 1.2 s
 * per GB, like that of the bundle's own files.
 */
export async function stateOf(folder: string, name: string): Promise<PackedState> {
  const bytes = await readFile(join(folder, recordFile)).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (bytes === undefined) return (await exists(folder)) ? 'damaged' : 'absent';
  const record = parseRecord(bytes);
  if (record?.name !== name) return 'damaged';
  if (!record.isUsable) return 'unusable';
  return (await areIntact(folder, record.files)) ? 'usable' : 'damaged';
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function parseRecord(bytes: Uint8Array): PackedRecord | undefined {
  const parsed = parseJsonFile(bytes);
  const { name, isUsable, files } = ((parsed.ok && parsed.json) || {}) as Partial<Record<keyof PackedRecord, unknown>>;
  if (typeof name !== 'string' || typeof isUsable !== 'boolean' || !Array.isArray(files)) return undefined;
  return files.every(isFileEntry) ? { name, isUsable, files } : undefined;
}

function isFileEntry(value: unknown): value is BundleFile {
  const { path, sha256, sizeBytes } = (value ?? {}) as Partial<Record<keyof BundleFile, unknown>>;
  return typeof path === 'string' && typeof sha256 === 'string' && typeof sizeBytes === 'number';
}

async function areIntact(folder: string, files: readonly BundleFile[]): Promise<boolean> {
  const listed = files.map(({ path }) => path);
  if (!Object.values(packedFiles).every((path) => listed.includes(path))) return false;
  try {
    for (const file of files) await verifyFile(join(folder, file.path), file);
    return true;
  } catch (error) {
    if (error instanceof BundleError) return false;
    throw error;
  }
}
