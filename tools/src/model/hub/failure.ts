import { dirname } from 'node:path';
import type { Refused, Result } from '@rerank-fleet/contract';
import type { HubAddress } from './address';

/** Why a request to a hub failed. */
interface HubReason {
  /** One line for the operator: the file or repository, the fault and the remedy. */
  message: string;
  /** Whether the same request may succeed after a wait. */
  isTemporary: boolean;
  /** The wait that the hub asked for. */
  retryAfterMs?: number;
}

export type HubFailure = Refused<HubReason>;
export type HubResult<T> = Result<T, HubReason>;

/** The subject of a request. `name` is its name in messages. */
export interface Wanted {
  name: string;
  repo: string;
  address: HubAddress;
  hasToken: boolean;
}

/** The part of an answer that decides about a failure. */
export interface AnswerHead {
  status: number;
  headers: Pick<Headers, 'get' | 'has'>;
  host: string;
  /** Whether the answer is from the hub itself, not from an origin to which it redirected. */
  isEndpoint: boolean;
}

/** The failure when the caller's signal aborts. */
export const interrupted: HubFailure = {
  ok: false,
  message: 'interrupted; run the same command again to continue',
  isTemporary: false,
};

/** A failure that no retry can repair. */
export function lasting(message: string): HubFailure {
  return { ok: false, message, isTemporary: false };
}

/** The failure for a status other than success or a redirect. */
export function statusFailure(head: AnswerHead, wanted: Wanted): HubFailure {
  const { status, host, isEndpoint } = head;
  if (status === 429 || status === 408 || status >= 500) return overloaded(head, wanted);
  if (isEndpoint) return lasting(`${wanted.name}: ${refusal(head, wanted)}`);
  return lasting(
    `${wanted.name}: ${host}, to which the hub redirected, answered ${status}: run the same command again; if the error stays, check for a proxy (the token is sent to ${new URL(wanted.address.base).host} only)`,
  );
}

function overloaded({ status, headers, host }: AnswerHead, { name }: Wanted): HubFailure {
  const cause =
    status === 429
      ? `${host} accepts no more requests for now (429): wait, or set HF_TOKEN for a higher limit, then`
      : `${host} failed (${status}): wait, then`;
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), Date.now());
  return {
    ok: false,
    message: `${name}: ${cause} run the same command again to continue`,
    isTemporary: true,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** Milliseconds to wait, from a Retry-After header in seconds or as a date. */
function parseRetryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.max(waitMs, 0);
}

/** Uses the hub's error code before its status: without a token, a missing repository is a 401. */
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
    const fault = hasToken
      ? 'does not accept the token: set HF_TOKEN to a valid one'
      : 'requires a token: set HF_TOKEN';
    return `${host} ${fault}`;
  }
  if (status === 404) return `${host} has no such file, revision or repository: check the names and HF_ENDPOINT`;
  return `${host} answered ${status}, which is not an answer of a hub: check HF_ENDPOINT`;
}

/** The failure for an error of fetch or of reading a body. Its text is not used: it may hold an address or a header. */
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
  const advice = 'check the network and HF_ENDPOINT';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `the name ${host} cannot be resolved: ${advice}`;
  if (code === 'ECONNREFUSED') return `${host} refuses the connection: ${advice}`;
  if (/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/.test(code)) {
    return `${host} cannot be reached: ${advice}`;
  }
  return `the connection to ${host} was cut: run the same command again to continue`;
}

/** The failure for an error of the file system; undefined for any other error. */
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
    `${name}: ${target} cannot be written (${code}): check what exists at this path, or choose another folder`,
  );
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
