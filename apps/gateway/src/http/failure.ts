import type { ErrorCode, Failure, Refused } from '@rerank-fleet/contract';

/** The HTTP status of each error code. 499 is only counted, because its caller has disconnected. */
export const statusOf = {
  malformed_request: 400,
  invalid_json: 400,
  invalid_type: 400,
  unauthorized: 401,
  origin_not_allowed: 403,
  route_not_found: 404,
  model_not_found: 404,
  method_not_allowed: 405,
  headers_timeout: 408,
  body_timeout: 408,
  body_too_large: 413,
  too_many_documents: 413,
  too_many_tokens: 413,
  unsupported_media_type: 415,
  expectation_failed: 417,
  invalid_value: 422,
  query_too_long: 422,
  queue_full: 429,
  gateway_full: 429,
  headers_too_large: 431,
  cancelled: 499,
  internal: 500,
  invalid_score: 500,
  unsupported_job_version: 500,
  no_worker: 503,
  redis_away: 503,
  interrupted: 503,
  deadline_exceeded: 504,
} as const satisfies Record<ErrorCode, number>;

/** What a failure is about. Both members are returned to the caller. */
export interface FailureLocation {
  field?: string;
  limit?: number;
}

/** Creates a failure. `message` must not contain text of a caller. */
export function failureOf(code: ErrorCode, message: string, location: FailureLocation = {}): Failure {
  return { code, message, ...location };
}

/** As {@link failureOf}, as the failed half of a result. */
export function refused(code: ErrorCode, message: string, location: FailureLocation = {}): Refused {
  return { ok: false, failure: failureOf(code, message, location) };
}

/** The failure for an internal error. It gives the caller only the id for the operator's log. */
export function internalFailure(requestId: string): Failure {
  return failureOf('internal', `Internal error. The operator can find it in the log by request id ${requestId}.`);
}
