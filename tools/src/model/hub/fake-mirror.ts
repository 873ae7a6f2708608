import type { ServerResponse } from 'node:http';
import { type FakeRepo, describeFile, etag, gitSha1, lfsPointer, page, refuse } from './fake-delivery';
import type { HubFile } from './hub-file';

/** Differences of a mirror from a hub. */
export interface Mirror {
  /** The description has no date and no model card. `dates` are its headers; without them it has no Date header. */
  dates?: Record<string, string>;
  /** The description has no commit, and this is its X-Repo-Commit header. Files are served at any revision. */
  repoCommit?: string;
  /** The tree answers with this status, or with a web page if it is 200. */
  treeStatus?: number | undefined;
  /** Paths that are not in the tree. */
  notInTree?: string[];
  /** The tree has at most this number of entries per page. */
  treePageSize?: number;
  /** The target of the Link header of each page. */
  treeLink?(next: string): string;
  /** Replaces the tree. */
  tree?: unknown;
  /** HEAD of a file answers with this status. */
  headStatus?: number;
  /** HEAD of a file of the second origin answers with this status. */
  storageHeadStatus?: number;
  /** A redirect to a file has no headers about the file. */
  noLinked?: boolean;
  /** Every file is served at its own address, without a redirect. */
  isDirect?: boolean;
  /** HEAD has these headers. An empty header is left out. */
  headHeaders?: Record<string, string>;
}

/** One entry per file and per folder, as a hub lists them. */
export function answerTree(
  response: ServerResponse,
  repo: FakeRepo,
  { mirror, url }: { mirror: Mirror; url: URL },
): void {
  const { treeStatus, notInTree = [], treePageSize = Infinity, treeLink = (next) => next } = mirror;
  if (treeStatus === 200) return void response.writeHead(200, { 'content-type': 'text/html' }).end(page);
  if (treeStatus !== undefined) return refuse(response, treeStatus);
  const paths = Object.keys(repo.files).filter((path) => !notInTree.includes(path));
  const folder = { type: 'directory', oid: 'd'.repeat(40), size: 0, path: 'onnx' };
  const entries = [folder, ...paths.map((path) => entryOf(repo, path))];
  const from = Number(url.searchParams.get('cursor') ?? 0);
  const next = new URL(url);
  next.searchParams.set('cursor', String(from + treePageSize));
  const isLast = from + treePageSize >= entries.length;
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    ...(isLast ? {} : { link: `<${treeLink(next.href)}>; rel="next"` }),
  });
  response.end(JSON.stringify(mirror.tree ?? entries.slice(from, from + treePageSize)));
}

function entryOf(repo: FakeRepo, path: string): object {
  const file = describeFile(repo, path);
  const entry = { type: 'file', path, size: file.sizeBytes };
  if (!file.sha256) return { ...entry, oid: file.gitSha1 };
  const pointer = lfsPointer(file);
  return {
    ...entry,
    oid: gitSha1(pointer),
    lfs: { oid: file.sha256, size: file.sizeBytes, pointerSize: pointer.length },
  };
}

/** The headers of a redirect about its file. */
export function linkedHeaders({ noLinked, headHeaders = {} }: Mirror, file: HubFile): Record<string, string> {
  const linked = noLinked ? {} : { 'x-linked-size': String(file.sizeBytes), 'x-linked-etag': etag(file) };
  return { ...linked, ...headHeaders };
}

/** Answers a HEAD without a redirect. */
export function answerHead(response: ServerResponse, file: HubFile, { headHeaders = {} }: Mirror): void {
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': String(file.sizeBytes),
    etag: etag(file),
    ...headHeaders,
  };
  response.writeHead(200, Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''))).end();
}
