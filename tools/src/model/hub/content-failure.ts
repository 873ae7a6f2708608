import { isStated } from './checksum';
import { type HubFailure, lasting } from './failure';
import type { HubFile } from './hub-file';

/** What is wrong with bytes that are not the file's: what came in its place if its start tells, else `otherwise`. */
export function contentFailure(start: Buffer, { path, name, otherwise }: ContentFault): HubFailure {
  return lasting(`${name}: ${standIn(start, path) ?? otherwise}`);
}

/** `path` is the file's, `name` how messages call it. */
export interface ContentFault {
  path: string;
  name: string;
  otherwise: string;
}

/** Whether the start of a file shows that something else came in its place. */
export function isStandIn(start: Buffer, path: string): boolean {
  return standIn(start, path) !== undefined;
}

/** Whether what came whole, of the stated size and checksum, is not the file all the same. */
export function isFalseWhole(start: Buffer, file: HubFile): boolean {
  if (file.sha256 !== undefined) return false;
  // a mirror without the contents of Git LFS states the size and git's checksum of the pointer itself
  return isStated(file) ? isPointer(start.toString('latin1')) : isStandIn(start, file.path);
}

/** Whether an answer of this type is a web page in place of the file. */
export function isPageType(contentType: string | null, path: string): boolean {
  return !isPagePath(path) && /^text\/html\b/i.test(contentType ?? '');
}

/** Told when a host answers with a web page. */
export function pageFailure(name: string, host: string): HubFailure {
  return lasting(`${name}: ${host} sent a web page in place of the file: ${pageCure}`);
}

/** Told when the bytes are complete and are not the hub's. */
export function checksumFault({ found, wanted }: { found: string; wanted: string }): string {
  return `has the ${found}, the hub wants ${wanted}: it was damaged on the way or continued an older file; what came is deleted, run the same command again`;
}

/** Told when the hub sends more or less than it said. */
export function sizeFault({ sizeBytes }: HubFile, found: string): string {
  return `the hub sent ${found} bytes, ${sizeBytes} are wanted; what came is deleted: run the same command again, and look for a proxy in the way if it stays`;
}

const pageCure =
  'it is a login or proxy page: check the network and HF_ENDPOINT, and set HF_TOKEN if the file needs it';

function standIn(start: Buffer, path: string): string | undefined {
  const text = start.toString('latin1');
  if (isPointer(text)) {
    return 'a Git LFS pointer came in place of the file: the hub or mirror lacks its content, set HF_ENDPOINT to one that has it';
  }
  if (!isPagePath(path) && /^(\xef\xbb\xbf)?\s*<(!doctype html|html)\b/i.test(text)) {
    return `a web page came in place of the file: ${pageCure}`;
  }
  return undefined;
}

function isPointer(text: string): boolean {
  return text.startsWith('version https://git-lfs');
}

function isPagePath(path: string): boolean {
  return /\.x?html?$/i.test(path);
}
