import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Request, Response } from 'express';

/** A file of the page, whole in memory: it is small, and no request then waits for a disk. */
export interface PageFile {
  /** File name extension with its dot, by which the content type is chosen. */
  extension: string;
  bytes: Buffer;
  /** The same for clients that take gzip. */
  gzipped: Buffer;
}

/** The built page. */
export interface Playground {
  index: PageFile;
  /** By name; the names hold a hash of the content. */
  assets: ReadonlyMap<string, PageFile>;
}

const sessionCookie = 'rerank_session';

/**
 * Reads the built page: the folder `playground` beside the bundle.
 *
 * @throws when it is not there
 */
export function readPlayground(bundleFolder: string): Playground {
  const folder = join(bundleFolder, 'playground');
  if (!existsSync(join(folder, 'index.html'))) throw new Error(`the page is missing in ${folder}: npm run build`);
  const names = readdirSync(join(folder, 'assets'));
  return {
    index: readPageFile(join(folder, 'index.html')),
    assets: new Map(names.map((name) => [name, readPageFile(join(folder, 'assets', name))])),
  };
}

function readPageFile(path: string): PageFile {
  const bytes = readFileSync(path);
  return { extension: extname(path), bytes, gzipped: gzipSync(bytes) };
}

/** Whether the browser's session has been counted; if not, it is marked by a cookie that holds nothing of the user. */
export function markSession(request: Request, response: Response): 'known' | 'new' {
  const known = (request.headers.cookie ?? '').split(';').some((one) => one.trim().startsWith(`${sessionCookie}=`));
  if (known) return 'known';
  response.cookie(sessionCookie, '1', { httpOnly: true, sameSite: 'lax' });
  return 'new';
}

/** Sends a file; `lifetime` is how long a browser may keep it without asking. */
export function sendPageFile(
  { request, response }: { request: Request; response: Response },
  { extension, bytes, gzipped }: PageFile,
  lifetime: 'ask-each-time' | 'for-ever',
): void {
  response.type(extension);
  response.setHeader('cache-control', lifetime === 'for-ever' ? 'public, max-age=31536000, immutable' : 'no-cache');
  response.setHeader('vary', 'accept-encoding');
  const isGzipTaken = request.acceptsEncodings('gzip') === 'gzip';
  if (isGzipTaken) response.setHeader('content-encoding', 'gzip');
  response.send(isGzipTaken ? gzipped : bytes);
}
