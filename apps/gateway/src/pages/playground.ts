import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Request, Response } from 'express';

/** A file of the page in memory. It is small, and requests then need no disk. */
export interface PageFile {
  /** File name extension with its dot. It decides the content type. */
  extension: string;
  bytes: Buffer;
  /** The same, compressed for clients that accept gzip. */
  gzipped: Buffer;
}

/** The built page. */
export interface Playground {
  index: PageFile;
  /** By name. Names contain a hash of the content. */
  assets: ReadonlyMap<string, PageFile>;
}

const sessionCookie = 'rerank_session';

/**
 * Reads the built page from the folder `playground` beside the bundle.
 *
 * @throws if it does not exist
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

/** Whether the browser's session was counted before. If not, sets a cookie without any user data. */
export function markSession(request: Request, response: Response): 'known' | 'new' {
  const known = (request.headers.cookie ?? '').split(';').some((one) => one.trim().startsWith(`${sessionCookie}=`));
  if (known) return 'known';
  response.cookie(sessionCookie, '1', { httpOnly: true, sameSite: 'lax' });
  return 'new';
}

/** Sends a file. `lifetime` is how long a browser may cache it. */
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
