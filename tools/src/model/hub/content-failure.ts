import { isStated } from './checksum';
import { type HubFailure, lasting } from './failure';
import type { HubFile } from './hub-file';

/** The failure for wrong content: what was received instead if its start shows it, otherwise `otherwise`. */
export function contentFailure(start: Buffer, { path, name, otherwise }: ContentFault): HubFailure {
  return lasting(`${name}: ${substitute(start, path) ?? otherwise}`);
}

/** `path` is the path of the file, `name` is its name in messages. */
export interface ContentFault {
  path: string;
  name: string;
  otherwise: string;
}

/** Whether the start of a file shows a web page or a Git LFS pointer in place of the file. */
export function isSubstitute(start: Buffer, path: string): boolean {
  return substitute(start, path) !== undefined;
}

/** Whether a complete file with the stated size and checksum is still not the wanted file. */
export function isWrongContent(start: Buffer, file: HubFile): boolean {
  if (file.sha256 !== undefined) return false;
  // A mirror without the contents of Git LFS states the size and the git checksum of the pointer.
  return isStated(file) ? isPointer(start.toString('latin1')) : isSubstitute(start, file.path);
}

/** Whether this content type means a web page in place of the file. */
export function isPageType(contentType: string | null, path: string): boolean {
  return !isPagePath(path) && /^text\/html\b/i.test(contentType ?? '');
}

/** The failure when a host answers with a web page. */
export function pageFailure(name: string, host: string): HubFailure {
  return lasting(`${name}: ${host} sent a web page instead of the file: ${pageAdvice}`);
}

/** The message when all bytes were received and their checksum is wrong. */
export function checksumFault({ found, wanted }: { found: string; wanted: string }): string {
  return `has the ${found}, the hub states ${wanted}: it was damaged in transfer or continued an older file; the received part was deleted, run the same command again`;
}

/** The message when the hub sends more or fewer bytes than it stated. */
export function sizeFault({ sizeBytes }: HubFile, found: string): string {
  return `the hub sent ${found} bytes, ${sizeBytes} were expected; the received part was deleted: run the same command again, and if the error stays, check for a proxy`;
}

const pageAdvice =
  'it is a login or proxy page: check the network and HF_ENDPOINT, and set HF_TOKEN if the file needs it';

function substitute(start: Buffer, path: string): string | undefined {
  const text = start.toString('latin1');
  if (isPointer(text)) {
    return 'a Git LFS pointer was received instead of the file: the hub or mirror lacks its content, set HF_ENDPOINT to one that has it';
  }
  if (!isPagePath(path) && /^(\xef\xbb\xbf)?\s*<(!doctype html|html)\b/i.test(text)) {
    return `a web page was received instead of the file: ${pageAdvice}`;
  }
  return undefined;
}

function isPointer(text: string): boolean {
  return text.startsWith('version https://git-lfs');
}

function isPagePath(path: string): boolean {
  return /\.x?html?$/i.test(path);
}
