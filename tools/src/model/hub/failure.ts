import { dirname } from 'node:path';
import type { Refused, Result } from '@rerank-fleet/contract';
import type { HubAddress } from './address';

/** Why a request to a hub failed. */
interface HubReason {
  /** One line for the operator: what it is about, what is wrong and what to do. */
  message: string;
  /** Whether the same request may succeed in a moment. */
  isTemporary: boolean;
  /** How long the hub asked to wait before that. */
  retryAfterMs?: number;
}

export type HubFailure = Refused<HubReason>;
export type HubResult<T> = Result<T, HubReason>;

/** What was asked for: `name` is how messages call it. */
export interface Wanted {
  name: string;
  repo: string;
  address: HubAddress;
  hasToken: boolean;
}

/** An answer as far as failures look at it. */
export interface AnswerHead {
  status: number;
  headers: Pick<Headers, 'get' | 'has'>;
  host: string;
  /** Whether the hub itself gave it, not an origin to which it redirected. */
  isEndpoint: boolean;
}

/** Said when the caller's signal ended the work. */
export const interrupted: HubFailure = {
  ok: false,
  message: 'interrupted; run the same command again to continue',
  isTemporary: false,
};

/** A failure that stays until the operator does something. */
export function lasting(message: string): HubFailure {
  return { ok: false, message, isTemporary: false };
}

/** What a status other than success or a redirect means. */
export function statusFailure(head: AnswerHead, wanted: Wanted): HubFailure {
  const { status, host, isEndpoint } = head;
  if (status === 429 || status === 408 || status >= 500) return overloaded(head, wanted);
  if (isEndpoint) return lasting(`${wanted.name}: ${refusal(head, wanted)}`);
  return lasting(
    `${wanted.name}: ${host}, to which the hub redirected, answered ${status}: run the same command again; if it stays, look for a proxy in the way (the token is sent to ${new URL(wanted.address.base).host} only)`,
  );
}

function overloaded({ status, headers, host }: AnswerHead, { name }: Wanted): HubFailure {
  const cause =
    status === 429
      ? `${host} takes no more requests for now (429): wait, or set HF_TOKEN for a higher limit, then`
      : `${host} has a fault (${status}): wait, then`;
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), Date.now());
  return {
    ok: false,
    message: `${name}: ${cause} run the same command again to continue`,
    isTemporary: true,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** In milliseconds, from seconds or a date. */
function parseRetryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.max(waitMs, 0);
}

/** The hub's error code says more than its status: a repository that is not there is a 401 without a token. */
function refusal({ status, headers, host }: AnswerHead, { repo, address, hasToken }: Wanted): string {
  const code = headers.get('x-error-code');
  if (code === 'RepoNotFound') {
    return `there is no repository ${repo} at ${host}, or it is private: check its name, or set HF_TOKEN to a token that may read it`;
  }
  if (code === 'RevisionNotFound') return 'there is no such revision: check the branch, tag or commit';
  if (code === 'EntryNotFound') return 'there is no such file in this revision: check the path and the revision';
  if (code === 'GatedRepo' || status === 403) {
    return `access needs consent: accept the licence at ${address.base}/${repo} and set HF_TOKEN to a token of that account`;
  }
  if (status === 401) {
    const fault = hasToken ? 'does not take the token: set HF_TOKEN to a valid one' : 'wants a token: set HF_TOKEN';
    return `${host} ${fault}`;
  }
  if (status === 404) return `${host} has no such file, revision or repository: check the names and HF_ENDPOINT`;
  return `${host} answered ${status}, which a hub does not do: check HF_ENDPOINT`;
}

/** What an error of fetch or of reading its body means. Its text is never used: it can hold an address or a header. */
export function connectionFailure(error: unknown, host: string, name: string): HubFailure {
  const code = codeOf(error) ?? codeOf((error as { cause?: unknown } | undefined)?.cause) ?? '';
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL/.test(code)) {
    return lasting(
      `${name}: the certificate of ${host} cannot be trusted (${code}): check HF_ENDPOINT, or name your proxy's authority in NODE_EXTRA_CA_CERTS`,
    );
  }
  return { ok: false, message: `${name}: ${connectionFault(code, host)}`, isTemporary: true };
}

function connectionFault(code: string, host: string): string {
  const cure = 'check the network and HF_ENDPOINT';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `the name ${host} cannot be resolved: ${cure}`;
  if (code === 'ECONNREFUSED') return `${host} refuses the connection: ${cure}`;
  if (/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/.test(code)) {
    return `${host} cannot be reached: ${cure}`;
  }
  return `the connection to ${host} was cut: run the same command again to continue`;
}

/** What an error of the file system means; undefined when it is no such error. */
export function diskFailure(
  error: unknown,
  { name, target, missingBytes }: { name: string; target: string; missingBytes: number },
): HubFailure | undefined {
  const code = codeOf(error);
  if (code === undefined || typeof (error as { syscall?: unknown }).syscall !== 'string') return undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const needed = `${(missingBytes / 1e6).toFixed(1)} MB (${missingBytes} bytes) more are needed in ${dirname(target)}`;
    return lasting(`${name}: the disk is full, ${needed}: make room and run the same command again to continue`);
  }
  if (['EACCES', 'EPERM', 'EROFS'].includes(code)) {
    return lasting(
      `${name}: ${target} cannot be written (${code}): let this user write to ${dirname(target)}, or choose another folder`,
    );
  }
  return lasting(
    `${name}: ${target} cannot be written (${code}): look at what is in its place, or choose another folder`,
  );
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
