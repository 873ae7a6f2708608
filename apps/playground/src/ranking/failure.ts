import type { ErrorAnswer, ErrorCode } from '@rerank-fleet/contract';
import { finite, object, orNull, type ReadOf, text } from './read-json';

/** Why a call failed. `message` is the gateway's message; null if no readable answer was received. */
export type CallFailure = {
  message: string | null;
  /** `x-request-id`, by which the operator finds the request in logs. */
  requestId: string | null;
  /** HTTP status; null if no answer was received. */
  status: number | null;
} & (
  | { kind: 'overloaded' | 'no_worker' | 'queue_away'; retryAfterS: number | null }
  /** A field of the request is invalid: `documents[3]`, `query`, ...; `limit` is the limit that it exceeds. */
  | { kind: 'invalid' | 'too_large'; field: string | null; limit: number | null }
  /** The key is missing or wrong; the model or path does not exist; an internal error of the fleet. */
  | { kind: 'unauthorized' | 'not_found' | 'server' }
  /** Timeout of the gateway or the page; cancelled by the user; no connection. */
  | { kind: 'timeout' | 'cancelled' | 'offline' }
  /** An answer that is not from the gateway, such as a proxy's error page. */
  | { kind: 'unexpected' }
);

/** The kinds of failure that the page distinguishes. */
export type FailureKind = CallFailure['kind'];

const kindOfCode = {
  malformed_request: 'invalid',
  expectation_failed: 'invalid',
  invalid_json: 'invalid',
  invalid_type: 'invalid',
  invalid_value: 'invalid',
  query_too_long: 'invalid',
  unsupported_media_type: 'invalid',
  method_not_allowed: 'invalid',
  unauthorized: 'unauthorized',
  origin_not_allowed: 'server',
  route_not_found: 'not_found',
  model_not_found: 'not_found',
  headers_timeout: 'timeout',
  body_timeout: 'timeout',
  deadline_exceeded: 'timeout',
  headers_too_large: 'too_large',
  body_too_large: 'too_large',
  too_many_documents: 'too_large',
  too_many_tokens: 'too_large',
  queue_full: 'overloaded',
  gateway_full: 'overloaded',
  no_worker: 'no_worker',
  redis_away: 'queue_away',
  interrupted: 'server',
  cancelled: 'cancelled',
  unsupported_job_version: 'server',
  invalid_score: 'server',
  internal: 'server',
} as const satisfies Record<ErrorCode, FailureKind>;

/** Statuses that have the same meaning from a proxy and from the gateway. */
const kindOfStatus: ReadonlyMap<number, FailureKind> = new Map([
  [401, 'unauthorized'],
  [403, 'unauthorized'],
  [408, 'timeout'],
  [413, 'too_large'],
  [429, 'overloaded'],
  [504, 'timeout'],
]);

const readError = object({
  error: object({ message: text, code: text, param: orNull(text), limit: orNull(finite) }),
});

type ErrorDetails = ReadOf<ErrorAnswer, typeof readError>['error'];

/** A failure without an answer. */
export function failureWithoutAnswer(kind: 'unauthorized' | 'timeout' | 'cancelled' | 'offline'): CallFailure {
  return { kind, message: null, requestId: null, status: null };
}

/** A successful answer whose body does not have the expected shape. */
export function unexpectedAnswer(response: Pick<Response, 'status' | 'headers'>): CallFailure {
  return { kind: 'unexpected', message: null, requestId: requestIdOf(response), status: response.status };
}

/**
 * The failure that an error answer describes.
 *
 * @param body its JSON; undefined if it has none
 */
export function failureOfAnswer(response: Pick<Response, 'status' | 'headers'>, body: unknown): CallFailure {
  const { status, headers } = response;
  const details: ErrorDetails | undefined = readError(body)?.error;
  const answered = { message: details?.message ?? null, requestId: requestIdOf(response), status };
  const kind = details ? kindOfError(details.code, status) : (kindOfStatus.get(status) ?? 'unexpected');
  switch (kind) {
    case 'overloaded':
    case 'no_worker':
    case 'queue_away':
      return { ...answered, kind, retryAfterS: retryAfterS(headers.get('retry-after')) };
    case 'invalid':
    case 'too_large':
      return { ...answered, kind, field: details?.param ?? null, limit: details?.limit ?? null };
    case 'unauthorized':
    case 'not_found':
    case 'server':
    case 'timeout':
    case 'cancelled':
    case 'offline':
    case 'unexpected':
      return { ...answered, kind };
    default:
      return kind satisfies never;
  }
}

/** The kind of an error code. A newer gateway may have codes that the page does not know. */
function kindOfError(code: string, status: number): FailureKind {
  if (isKnown(code)) return kindOfCode[code];
  return kindOfStatus.get(status) ?? (status >= 500 ? 'server' : 'invalid');
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(kindOfCode, code);
}

function requestIdOf({ headers }: Pick<Response, 'headers'>): string | null {
  return headers.get('x-request-id');
}

/** Whole seconds from now. The gateway sends seconds, a proxy may send a date. */
function retryAfterS(header: string | null): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header)) return Number(header);
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? null : Math.max(0, Math.ceil((atMs - Date.now()) / 1_000));
}
