import type { ErrorAnswer, ErrorCode } from '@rerank-fleet/contract';
import { finite, object, orNull, type ReadOf, text } from './read-json';

/** Why a call gave nothing. What the gateway said is in `message`; null where nothing readable came. */
export type CallFailure = {
  message: string | null;
  /** `x-request-id`: what the operator looks the request up by. */
  requestId: string | null;
  /** HTTP status; null when no answer came. */
  status: number | null;
} & (
  | { kind: 'overloaded' | 'no_worker' | 'queue_away'; retryAfterS: number | null }
  /** A field of the request is at fault: `documents[3]`, `query`, ...; `limit` is the bound that it broke. */
  | { kind: 'invalid' | 'too_large'; field: string | null; limit: number | null }
  /** The key is missing or wrong; no such model or path; a fault of the fleet. */
  | { kind: 'unauthorized' | 'not_found' | 'server' }
  /** Not answered in time, by the gateway's clock or the page's; given up by the user; no connection. */
  | { kind: 'timeout' | 'cancelled' | 'offline' }
  /** An answer that the gateway does not give, such as a proxy's error page. */
  | { kind: 'unexpected' }
);

/** Ways in which a call fails, as the page tells them apart. */
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

/** Statuses that mean the same whoever sends them, a proxy or the gateway. */
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

type Told = ReadOf<ErrorAnswer, typeof readError>['error'];

/** A failure that is not told by an answer. */
export function failureWithoutAnswer(kind: 'unauthorized' | 'timeout' | 'cancelled' | 'offline'): CallFailure {
  return { kind, message: null, requestId: null, status: null };
}

/** An answer of success that cannot be read as what was asked for. */
export function unexpectedAnswer(response: Pick<Response, 'status' | 'headers'>): CallFailure {
  return { kind: 'unexpected', message: null, requestId: requestIdOf(response), status: response.status };
}

/**
 * The failure that an answer tells.
 *
 * @param body its JSON; undefined when it has none
 */
export function failureOfAnswer(response: Pick<Response, 'status' | 'headers'>, body: unknown): CallFailure {
  const { status, headers } = response;
  const told: Told | undefined = readError(body)?.error;
  const answered = { message: told?.message ?? null, requestId: requestIdOf(response), status };
  const kind = told ? toldKind(told.code, status) : (kindOfStatus.get(status) ?? 'unexpected');
  switch (kind) {
    case 'overloaded':
    case 'no_worker':
    case 'queue_away':
      return { ...answered, kind, retryAfterS: retryAfterS(headers.get('retry-after')) };
    case 'invalid':
    case 'too_large':
      return { ...answered, kind, field: told?.param ?? null, limit: told?.limit ?? null };
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

/** A gateway newer than the page may have codes that the page does not know. */
function toldKind(code: string, status: number): FailureKind {
  if (isKnown(code)) return kindOfCode[code];
  return kindOfStatus.get(status) ?? (status >= 500 ? 'server' : 'invalid');
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(kindOfCode, code);
}

function requestIdOf({ headers }: Pick<Response, 'headers'>): string | null {
  return headers.get('x-request-id');
}

/** Whole seconds from now: the gateway sends them, a proxy may send a date. */
function retryAfterS(header: string | null): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header)) return Number(header);
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? null : Math.max(0, Math.ceil((atMs - Date.now()) / 1_000));
}
