import type { Result } from '@rerank-fleet/contract';
/** The validated address of a hub. */
export interface HubAddress {
  /** The address without a trailing slash. */
  base: string;
  /** The only origin to which the token is sent. */
  origin: string;
}

const repoPattern = /^(?!.*(^|\/)\.{1,2}(\/|$))[\w.-]+(\/[\w.-]+)?$/;

/** Validates the address of a hub. The message names the setting and never contains its value. */
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

/** Whether a text is `name` or `owner/name`. Any other text could change the route of the hub that is called. */
export function isRepoName(repo: string): boolean {
  return repoPattern.test(repo);
}

/** Whether a path from the hub stays inside its target folder and is safe to print on a terminal. */
export function isInsidePath(path: string): boolean {
  // A control character could end the path early (NUL) or control the terminal.
  if (/[\\\p{Cc}]/u.test(path)) return false;
  return path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

/** The address from which a hub serves one file, directly or by a redirect. */
export function fileUrl({ base }: HubAddress, file: { repo: string; commit: string; path: string }): URL {
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  return new URL(`${base}/${file.repo}/resolve/${file.commit}/${path}`);
}

/** Whether fetch can call an address: http or https, without a user or password. */
export function isHttp({ protocol, username, password }: URL): boolean {
  return /^https?:$/.test(protocol) && !username && !password;
}
