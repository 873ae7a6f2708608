import type { Result } from '@rerank-fleet/contract';
/** A hub whose address was checked. */
export interface HubAddress {
  /** Without a slash at the end. */
  base: string;
  /** The only origin that may see the token. */
  origin: string;
}

const repoPattern = /^(?!.*(^|\/)\.{1,2}(\/|$))[\w.-]+(\/[\w.-]+)?$/;

/** Checks the address of a hub. The message names the setting and never repeats what it holds. */
export function parseEndpoint(endpoint: string): Result<{ address: HubAddress }, { message: string }> {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const isPlain = url && !url.username && !url.password && !url.search && !url.hash;
  if (isPlain && isHttp(url)) {
    return { ok: true, address: { base: url.href.replace(/\/+$/, ''), origin: url.origin } };
  }
  return {
    ok: false,
    message: 'HF_ENDPOINT must be an http or https address without a user, password, query or fragment: correct it',
  };
}

/** Whether a text can name a repository: `name` or `owner/name`. Anything else could reach another route of the hub. */
export function isRepoName(repo: string): boolean {
  return repoPattern.test(repo);
}

/** Whether a path of the hub stays inside the folder it is written to, and can be shown on a terminal. */
export function isInsidePath(path: string): boolean {
  // a control character (NUL among them) would end a path early or steer the terminal
  if (/[\\\p{Cc}]/u.test(path)) return false;
  return path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

/** Where a hub hands out one file, directly or by a redirect. */
export function fileUrl({ base }: HubAddress, file: { repo: string; commit: string; path: string }): URL {
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  return new URL(`${base}/${file.repo}/resolve/${file.commit}/${path}`);
}

/** Whether an address can be asked over HTTP. One that carries a user cannot: fetch refuses it. */
export function isHttp({ protocol, username, password }: URL): boolean {
  return /^https?:$/.test(protocol) && !username && !password;
}
