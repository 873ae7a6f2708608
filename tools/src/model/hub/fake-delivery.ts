import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HubFile } from './hub-file';

/** A repository of the fake hub. */
export interface FakeRepo {
  /** Content by path. */
  files: Record<string, Buffer>;
  /** The paths in Git LFS: the second origin hands them out. */
  lfs?: string[];
  /** Makes files need this token, and consent: none is a 401, another one a 403. */
  gatedToken?: string;
  /** `other` if not given. */
  licence?: string;
}

/** What goes wrong with a path. */
export interface Fault {
  /** How many requests it strikes; all of them if not given. */
  times?: number;
  /** The hub refuses with this status; `code` is its X-Error-Code. */
  status?: number;
  code?: string;
  /** The second origin refuses with this status. */
  storageStatus?: number;
  retryAfter?: string;
  /** The hub redirects to the very address it was asked for. */
  redirectLoop?: boolean;
  /** The hub redirects with this Location; with none if it is empty. */
  redirectTo?: string;
  /** The connection ends after so many bytes of the answer... */
  cutAfterBytes?: number;
  /** ...and once this is true, for a client that has to have read them. */
  cutWhen?: () => boolean;
  /** No further byte after so many of the answer, and no end. */
  stallAfterBytes?: number;
  /** Every byte is another one. */
  wrongBytes?: boolean;
  lfsPointer?: boolean;
  /** `typed` says that it is HTML, `untyped` does not. */
  htmlPage?: 'typed' | 'untyped';
  /** Range is ignored. */
  noRange?: boolean;
  /** If-Range is ignored. */
  noIfRange?: boolean;
  /** The ETag of the content; none if it is empty. */
  etag?: string;
  /** Answers with a range that was not asked for. */
  otherRange?: boolean;
  /** Answers with no more than so many bytes of what was asked, as a 206. */
  maxRangeBytes?: number;
  /** Says no length, so that the end of the connection is the end of the file. */
  noLength?: boolean;
  /** The content is this instead. */
  content?: Buffer;
}

/** A request and its answer. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/** What is handed out. */
export interface Delivered {
  repo: FakeRepo;
  path: string;
  fault: Fault;
}

/** What a login shows. */
export const page = '<!DOCTYPE html>\n<html><head><title>Log in</title></head><body>Please log in</body></html>\n';

/** A file as a hub describes it. */
export function describeFile(repo: FakeRepo | undefined, path: string): HubFile {
  const content = repo?.files[path];
  if (!content) throw new Error(`the fake hub has no ${path}`);
  const size = { path, sizeBytes: content.length };
  if (repo.lfs?.includes(path)) return { ...size, sha256: createHash('sha256').update(content).digest('hex') };
  return { ...size, gitSha1: gitSha1(content) };
}

/** The name that git gives to a content. */
export function gitSha1(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

/** What git keeps of a file in LFS. */
export function lfsPointer({ sha256 = '0'.repeat(64), sizeBytes }: HubFile): Buffer {
  return Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${sizeBytes}\n`);
}

/** As the hub quotes a file's checksum. */
export function etag({ sha256, gitSha1: sha1 = '' }: HubFile): string {
  return `"${sha256 ?? sha1}"`;
}

/** Answers with a status and a text that no message may repeat. */
export function refuse(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end('text of the hub, not for messages');
}

/** Hands out the bytes of a file, or of the part that was asked for, as the fault has it. */
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
  // neither chunks nor a length: the answer ends with its connection
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

/** Looks now and then: what the client has read is nothing that a server is told. */
function cutOnce(response: ServerResponse, isTime: () => boolean): void {
  const look = setInterval(() => {
    if (!isTime() && !response.destroyed) return;
    clearInterval(look);
    response.destroy();
  }, 2);
}
