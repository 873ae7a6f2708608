import { z } from 'zod';
import { isStated } from './checksum';
import type { HubFile } from './hub-file';

/** A file as far as the answers that came so far tell about it. */
export interface KnownFile {
  path: string;
  sizeBytes?: number | undefined;
  sha256?: string | undefined;
  gitSha1?: string | undefined;
}

export const sha1 = z.string().regex(/^[0-9a-f]{40}$/);
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export const sizeBytes = z.number().int().nonnegative();

/** Whether there is nothing left to ask about a file. */
export function isComplete(file: KnownFile): boolean {
  return file.sizeBytes !== undefined && isStated(file);
}

/** Adds what another answer tells. The checksum that was stated first stays, unless it may be that of an LFS pointer. */
export function mergeKnown(first: KnownFile, second: KnownFile): KnownFile {
  const isFirstBetter = first.sha256 !== undefined || (first.gitSha1 !== undefined && second.sha256 === undefined);
  // a size belongs to the checksum that came with it
  const [main, other] = isFirstBetter || !isStated(second) ? [first, second] : [second, first];
  return { ...main, path: first.path, sizeBytes: main.sizeBytes ?? other.sizeBytes };
}

/** The file as callers see it; undefined while its size is not known. */
export function toHubFile({ path, sizeBytes: size, sha256: content, gitSha1 }: KnownFile): HubFile | undefined {
  if (size === undefined) return undefined;
  if (content !== undefined) return { path, sizeBytes: size, sha256: content };
  return { path, sizeBytes: size, ...(gitSha1 === undefined ? {} : { gitSha1 }) };
}
