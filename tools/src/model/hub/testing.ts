import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  createServer,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Exchange, type FakeRepo, type Fault, deliver, describeFile, page, refuse } from './fake-delivery';
import { type Mirror, answerHead, answerTree, linkedHeaders } from './fake-mirror';
import type { HubFile } from './hub-file';

export type { FakeRepo, Fault } from './fake-delivery';
export type { Mirror } from './fake-mirror';

/** A received request. */
export interface SeenRequest {
  server: 'hub' | 'cdn';
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
}

/** Two servers: a hub and the origin to which it redirects for files in Git LFS. */
export interface FakeHub {
  /** The endpoint. The same routes answer below `/mirror`. */
  url: string;
  cdnUrl: string;
  requests: SeenRequest[];
  /** The commit of every revision of every repository. */
  commit: string;
  /** The hub's description of a file. */
  file(repo: string, path: string): HubFile;
  /** Makes a path of any repository fail. The path of a description is the name of the repository. */
  setFault(path: string, fault: Fault): void;
  /** Replaces the description of every repository by this text. */
  describeAs(text: string | undefined): void;
  /** Turns the hub into a mirror with less complete answers; `{}` turns it back. */
  mirrorAs(mirror: Mirror): void;
  /** Stops both servers and closes every connection. */
  close(): Promise<void>;
}

interface Context {
  repos: Record<string, FakeRepo>;
  requests: SeenRequest[];
  faults: Map<string, Fault>;
  cdnUrl: string;
  described: string | undefined;
  mirror: Mirror;
}

const commit = '0123456789abcdef0123456789abcdef01234567';
/** Part of every address of the second origin. It must not appear in messages. */
export const storageSignature = 'Signature-of-the-storage';

/** Starts a hub with these repositories on 127.0.0.1. */
export async function startFakeHub(repos: Record<string, FakeRepo>): Promise<FakeHub> {
  const context: Context = { repos, requests: [], faults: new Map(), cdnUrl: '', described: undefined, mirror: {} };
  const cdn = await start((request, response) => answerCdn(context, request, response), context, 'cdn');
  const hub = await start((request, response) => answerHub(context, request, response), context, 'hub');
  context.cdnUrl = cdn.url;
  return {
    url: hub.url,
    cdnUrl: cdn.url,
    requests: context.requests,
    commit,
    file: (repo, path) => describeFile(repos[repo], path),
    setFault: (path, fault) => void context.faults.set(path, { ...fault }),
    describeAs: (text) => void (context.described = text),
    mirrorAs: (mirror) => void (context.mirror = mirror),
    close: async () => void (await Promise.all([cdn, hub].map((each) => each.close()))),
  };
}

async function start(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  { requests }: Context,
  name: SeenRequest['server'],
): Promise<{ url: string; close(): Promise<void> }> {
  const server: Server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    requests.push({ server: name, method, url, headers });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

/** The fault of a path, if it applies to this request. */
function strike({ faults }: Context, path: string): Fault {
  const fault = faults.get(path);
  if (!fault || fault.times === 0) return {};
  if (fault.times !== undefined) fault.times--;
  return fault;
}

function answerHub(context: Context, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://hub');
  const [, prefix = '', route = ''] = /^(\/mirror)?(.*)$/.exec(url.pathname) ?? [];
  const info = /^\/api\/models\/([^/]+\/[^/]+)\/revision\/([^/]+)$/.exec(route);
  if (info) return answerInfo(context, response, { repo: info[1] ?? '', revision: decodeURIComponent(info[2] ?? '') });
  const tree = /^\/api\/models\/([^/]+\/[^/]+)\/tree\/([^/]+)$/.exec(route);
  if (tree) return answerTreeOf(context, { request, response }, { repo: tree[1] ?? '', revision: tree[2] ?? '' });
  const file = /^(\/api\/resolve-cache\/models)?\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(route);
  if (!file) return refuse(response, 404);
  const [, cache, repo = '', revision = '', rest = ''] = file;
  const requested = { repo, revision, path: rest.split('/').map(decodeURIComponent).join('/') };
  if (cache) return handOut(context, { request, response }, requested);
  answerFile(context, { request, response }, { ...requested, pathname: url.pathname, prefix });
}

function answerInfo(context: Context, response: ServerResponse, requested: { repo: string; revision: string }): void {
  const fault = strike(context, requested.repo);
  const repo = context.repos[requested.repo];
  if (fault.status) return refuse(response, fault.status, faultHeaders(fault));
  if (fault.redirectTo) return void response.writeHead(307, { location: fault.redirectTo }).end();
  if (!repo) return refuse(response, 401, { 'x-error-code': 'RepoNotFound' });
  if (!['main', 'refs/pr/1', commit].includes(requested.revision)) {
    return refuse(response, 404, { 'x-error-code': 'RevisionNotFound' });
  }
  if (fault.htmlPage) return void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  const { dates, repoCommit = commit } = context.mirror;
  if (dates) response.sendDate = false;
  const header: Record<string, string> = repoCommit ? { 'x-repo-commit': repoCommit } : {};
  response.writeHead(200, { 'content-type': 'application/json', ...header, ...dates });
  const text = context.described ?? JSON.stringify(infoOf(requested.repo, repo, context.mirror));
  if (fault.cutAfterBytes !== undefined) {
    response.write(text.slice(0, fault.cutAfterBytes), () => response.destroy());
  } else if (fault.stallAfterBytes !== undefined) response.write(text.slice(0, fault.stallAfterBytes));
  else response.end(text);
}

function infoOf(name: string, repo: FakeRepo, { dates, repoCommit }: Mirror): object {
  const siblings = Object.keys(repo.files).map((rfilename) => ({ rfilename }));
  const cardData = { license: repo.licence ?? 'other', tags: ['rerank'] };
  const sha = repoCommit === undefined ? { sha: commit } : {};
  const card = dates ? {} : { lastModified: '2024-05-06T07:08:09.000Z', cardData };
  return { id: name, ...sha, gated: false, ...card, siblings };
}

function answerTreeOf(
  context: Context,
  { request, response }: Exchange,
  { repo: name, revision }: { repo: string; revision: string },
): void {
  const repo = context.repos[name];
  if (!repo || !hasFilesAt(context, decodeURIComponent(revision))) {
    return refuse(response, 404, { 'x-error-code': 'RevisionNotFound' });
  }
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
  answerTree(response, repo, { mirror: context.mirror, url });
}

/** A hub serves files at any revision. Only the commit is allowed here: a branch may change between requests. */
function hasFilesAt({ mirror }: Context, revision: string): boolean {
  return revision === commit || mirror.repoCommit !== undefined;
}

/** The file that a request names. */
interface AskedFile {
  repo: string;
  revision: string;
  path: string;
}

function answerFile(
  context: Context,
  { request, response }: Exchange,
  requested: AskedFile & { pathname: string; prefix: string },
): void {
  const repo = context.repos[requested.repo];
  if (answerByFault(context, response, requested)) return;
  if (!repo) return refuse(response, 404, { 'x-error-code': 'RepoNotFound' });
  if (!hasFilesAt(context, requested.revision)) return refuse(response, 404, { 'x-error-code': 'RevisionNotFound' });
  if (!repo.files[requested.path]) return refuse(response, 404, { 'x-error-code': 'EntryNotFound' });
  if (repo.gatedToken !== undefined && request.headers.authorization !== `Bearer ${repo.gatedToken}`) {
    const status = request.headers.authorization === undefined ? 401 : 403;
    return refuse(response, status, { 'x-error-code': 'GatedRepo' });
  }
  const { mirror } = context;
  const file = describeFile(repo, requested.path);
  const isHead = request.method === 'HEAD';
  if (isHead && mirror.headStatus) return refuse(response, mirror.headStatus, mirror.headHeaders);
  if (mirror.isDirect) {
    return isHead ? answerHead(response, file, mirror) : handOut(context, { request, response }, requested);
  }
  const path = requested.pathname.slice(requested.prefix.length);
  const headers = { 'x-repo-commit': commit, ...linkedHeaders(mirror, file) };
  // Like the real hub: LFS files from another origin, other files by a relative redirect to its cache.
  if (file.sha256) {
    const location = `${context.cdnUrl}${path}?sig=${storageSignature}`;
    return void response.writeHead(302, { ...headers, location }).end();
  }
  response.writeHead(307, { ...headers, location: `${requested.prefix}/api/resolve-cache/models${path}` }).end();
}

/** Whether the hub answered with a fault before any content was served. */
function answerByFault(
  context: Context,
  response: ServerResponse,
  requested: AskedFile & { pathname: string },
): boolean {
  const { status, redirectLoop, redirectTo } = context.faults.get(requested.path) ?? {};
  if (!status && !redirectLoop && redirectTo === undefined) return false;
  const fault = strike(context, requested.path);
  const location = fault.redirectLoop ? requested.pathname : fault.redirectTo;
  if (fault.status) refuse(response, fault.status, faultHeaders(fault));
  else if (location !== undefined) response.writeHead(302, location ? { location } : {}).end();
  else return false;
  return true;
}

function faultHeaders({ code, retryAfter }: Fault): Record<string, string> {
  return { ...(code ? { 'x-error-code': code } : {}), ...(retryAfter ? { 'retry-after': retryAfter } : {}) };
}

function answerCdn(context: Context, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://cdn');
  const [, repo, revision, rest] = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname) ?? [];
  if (!repo || !revision || !rest) return refuse(response, 404);
  const path = rest.split('/').map(decodeURIComponent).join('/');
  const { storageHeadStatus } = context.mirror;
  if (request.method === 'HEAD' && storageHeadStatus) return refuse(response, storageHeadStatus);
  handOut(context, { request, response }, { repo, revision, path });
}

function handOut(context: Context, exchange: Exchange, requested: AskedFile): void {
  const repo = context.repos[requested.repo];
  if (!repo?.files[requested.path]) return refuse(exchange.response, 404);
  deliver(exchange, { repo, path: requested.path, fault: strike(context, requested.path) });
}
