import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HubFile } from './hub-file';

/** A repository of the fake hub. */
export interface FakeRepo {
  /** Content by path. */
  files: Record<string, Buffer>;
  /** The paths in Git LFS. The second origin serves them. */
  lfs?: string[];
  /** Files require this token: a request without a token gets 401, one with another token 403. */
  gatedToken?: string;
  /** Default: `other`. */
  licence?: string;
}

/** The fault of a path. */
export interface Fault {
  /** Number of requests that fail. Default: all. */
  times?: number;
  /** The hub answers with this status; `code` is its X-Error-Code. */
  status?: number;
  code?: string;
  /** The second origin answers with this status. */
  storageStatus?: number;
  retryAfter?: string;
  /** The hub redirects to the requested address. */
  redirectLoop?: boolean;
  /** The hub redirects with this Location, or without one if it is empty. */
  redirectTo?: string;
  /** The connection ends after this number of bytes of the answer. */
  cutAfterBytes?: number;
  /** Delays that end until this is true, so that the client has read the bytes. */
  cutWhen?: () => boolean;
  /** The answer stops after this number of bytes and never ends. */
  stallAfterBytes?: number;
  /** Every byte is changed. */
  wrongBytes?: boolean;
  lfsPointer?: boolean;
  /** `typed` says that it is HTML, `untyped` does not. */
  htmlPage?: 'typed' | 'untyped';
  /** Range is ignored. */
  noRange?: boolean;
  /** If-Range is ignored. */
  noIfRange?: boolean;
  /** The ETag of the content, or no ETag if it is empty. */
  etag?: string;
  /** Answers with a range that was not requested. */
  otherRange?: boolean;
  /** Answers with a 206 that has at most this number of the requested bytes. */
  maxRangeBytes?: number;
  /** States no length, so that the end of the connection is the end of the file. */
  noLength?: boolean;
  /** Replaces the content. */
  content?: Buffer;
}

/** A request and its answer. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/** The served content. */
export interface Delivered {
  repo: FakeRepo;
  path: string;
  fault: Fault;
}

/** The content of a login page. */
export const page = '<!DOCTYPE html>\n<html><head><title>Log in</title></head><body>Please log in</body></html>\n';

/** A file as a hub describes it. */
export function describeFile(repo: FakeRepo | undefined, path: string): HubFile {
  const content = repo?.files[path];
  if (!content) throw new Error(`the fake hub has no ${path}`);
  const size = { path, sizeBytes: content.length };
  if (repo.lfs?.includes(path)) return { ...size, sha256: createHash('sha256').update(content).digest('hex') };
  return { ...size, gitSha1: gitSha1(content) };
}

/** The name of a content's git blob. */
export function gitSha1(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

/** The Git LFS pointer of a file. */
export function lfsPointer({ sha256 = '0'.repeat(64), sizeBytes }: HubFile): Buffer {
  return Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${sizeBytes}\n`);
}

/** A file's checksum as the hub quotes it. */
export function etag({ sha256, gitSha1: sha1 = '' }: HubFile): string {
  return `"${sha256 ?? sha1}"`;
}

/** Answers with a status and a text that must not appear in messages. */
export function refuse(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end('text of the hub, not for messages');
}

/** Serves the file or the requested range, with the fault applied. */
export function deliver({ request, response }: Exchange, { repo, path, fault }: Delivered): void {
  if (fault.storageStatus) return refuse(response, fault.storageStatus);
  const file = describeFile(repo, path);
  const content = contentUnder(fault, repo.files[path] ?? Buffer.alloc(0), file);
  const tag = fault.etag ?? (fault.content ? `"${gitSha1(content)}"` : etag(file));
  const ifRange = request.headers['if-range'];
  const hasChanged = ifRange !== undefined && ifRange !== tag && !fault.noIfRange;
  const range = hasChanged || fault.noRange ? null : /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const firstByte = range ? Number(range[1]) : 0;
  if (range && firstByte >= content.length) {
    return refuse(response, 416, { 'content-range': `bytes */${content.length}` });
  }
  const sentFrom = fault.otherRange ? firstByte + 1 : firstByte;
  const bytes = content.subarray(sentFrom, sentFrom + (fault.maxRangeBytes ?? content.length));
  const isPart = range !== null || bytes.length < content.length;
  // Without chunks and length, the answer ends with its connection.
  if (fault.noLength) response.removeHeader('transfer-encoding');
  response.writeHead(isPart ? 206 : 200, {
    'content-type':
      fault.htmlPage === 'typed' || path.endsWith('.html') ? 'text/html; charset=utf-8' : 'application/octet-stream',
    ...(tag ? { etag: tag } : {}),
    'accept-ranges': 'bytes',
    ...(fault.noLength ? {} : { 'content-length': bytes.length }),
    ...(isPart ? { 'content-range': `bytes ${sentFrom}-${sentFrom + bytes.length - 1}/${content.length}` } : {}),
  });
  send(response, bytes, fault);
}

function contentUnder(fault: Fault, content: Buffer, file: HubFile): Buffer {
  if (fault.content) return fault.content;
  if (fault.htmlPage) return Buffer.from(page);
  if (fault.lfsPointer) return lfsPointer(file);
  return fault.wrongBytes ? (content.map((byte) => byte ^ 1) as Buffer) : content;
}

function send(response: ServerResponse, bytes: Buffer, fault: Fault): void {
  const { cutAfterBytes, stallAfterBytes, cutWhen = () => true } = fault;
  if (stallAfterBytes !== undefined) {
    response.flushHeaders();
    response.write(bytes.subarray(0, stallAfterBytes));
  } else if (cutAfterBytes !== undefined) {
    response.flushHeaders();
    response.write(bytes.subarray(0, cutAfterBytes), () => cutOnce(response, cutWhen));
  } else response.end(bytes);
}

/** Polls the condition, because a server cannot observe what the client has read. */
function cutOnce(response: ServerResponse, isTime: () => boolean): void {
  const look = setInterval(() => {
    if (!isTime() && !response.destroyed) return;
    clearInterval(look);
    response.destroy();
  }, 2);
}
