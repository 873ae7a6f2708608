import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { BundleFile } from '@rerank-fleet/scoring';
import { BundleError } from './bundle-error';

/**
 * Checks that a file of a bundle exists and has the size and checksum of its manifest entry.
 * @throws BundleError; an empty file, a Git LFS pointer, a saved web page and a broken download have different messages
 */
export async function verifyFile(path: string, wanted: BundleFile): Promise<void> {
  const found = await sizeOf(path);
  if (found === undefined) throw new BundleError(`${path} is missing: download the bundle again`);
  if (found === 0) throw new BundleError(`${path} is empty: download it again`);
  if (found !== wanted.sizeBytes) throw new BundleError(await wrongSize(path, found, wanted.sizeBytes));
  const sha256 = await sha256Of(path);
  if (sha256 === wanted.sha256) return;
  throw new BundleError(
    `${path} has the sha256 ${sha256}, the manifest says ${wanted.sha256}: the file is damaged or a different one, download it again`,
  );
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw new BundleError(`${path} cannot be read (${codeOf(error)}): check its permissions`);
  }
}

async function wrongSize(path: string, found: number, wanted: number): Promise<string> {
  const start = await startOf(path);
  if (start.startsWith('version https://git-lfs')) {
    const size = /^size (\d+)/m.exec(start)?.[1] ?? wanted;
    return `${path} is a Git LFS pointer, not the file itself (${size} bytes): run git lfs pull`;
  }
  if (/^\s*<(!doctype|html|head|\?xml)/i.test(start)) {
    return `${path} is a saved web page instead of the file: log in or accept the licence at its source, then download it again`;
  }
  const state = found < wanted ? 'is cut short' : 'is too long';
  return `${path} ${state}: ${found} bytes, the manifest says ${wanted}: download it again`;
}

async function startOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(512) });
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Checksum of a file's bytes, in hexadecimal digits. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Whether a file-system call failed because the file or folder does not exist. */
export function isNotFound(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown error';
}
