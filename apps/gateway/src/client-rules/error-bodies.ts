import type { ErrorCode, Failure } from '@rerank-fleet/contract';

/** What each dialect's clients read from an error. Written out for tests, not taken from the dialects. */

/** The names that each dialect uses for an error of this kind. */
export interface ErrorWords {
  status: number;
  openAi: string;
  tei: string;
  dashScope: string;
  pinecone: string;
}

/** Every code that is ever sent, with its status and its names. */
export const errorWords: Readonly<Record<Exclude<ErrorCode, 'cancelled'>, ErrorWords>> = (() => {
  const words = (status: number, openAi: string, [tei, dashScope, pinecone]: [string, string, string]) => ({
    status,
    openAi,
    tei,
    dashScope,
    pinecone,
  });
  const wrong = (status: number, dashScope: string, pinecone = 'INVALID_ARGUMENT') =>
    words(status, 'invalid_request_error', ['Validation', dashScope, pinecone]);
  return {
    malformed_request: wrong(400, 'InvalidParameter'),
    invalid_json: wrong(400, 'InvalidParameter'),
    invalid_type: wrong(400, 'InvalidParameter'),
    unauthorized: words(401, 'authentication_error', ['Validation', 'InvalidApiKey', 'UNAUTHENTICATED']),
    origin_not_allowed: wrong(403, 'AccessDenied', 'PERMISSION_DENIED'),
    route_not_found: words(404, 'not_found_error', ['Validation', 'NotFound', 'NOT_FOUND']),
    model_not_found: words(404, 'not_found_error', ['Validation', 'ModelNotFound', 'NOT_FOUND']),
    method_not_allowed: wrong(405, 'UnsupportedOperation', 'UNIMPLEMENTED'),
    headers_timeout: wrong(408, 'RequestTimeOut', 'DEADLINE_EXCEEDED'),
    body_timeout: wrong(408, 'RequestTimeOut', 'DEADLINE_EXCEEDED'),
    body_too_large: wrong(413, 'BadRequest.TooLarge'),
    too_many_documents: wrong(413, 'InvalidParameter'),
    too_many_tokens: wrong(413, 'InvalidParameter'),
    unsupported_media_type: wrong(415, 'InvalidParameter'),
    expectation_failed: wrong(417, 'InvalidParameter'),
    invalid_value: wrong(422, 'InvalidParameter'),
    query_too_long: wrong(422, 'InvalidParameter'),
    headers_too_large: wrong(431, 'BadRequest.TooLarge'),
    queue_full: words(429, 'rate_limit_error', ['Overloaded', 'Throttling', 'RESOURCE_EXHAUSTED']),
    gateway_full: words(429, 'rate_limit_error', ['Overloaded', 'Throttling', 'RESOURCE_EXHAUSTED']),
    internal: words(500, 'server_error', ['Backend', 'InternalError', 'INTERNAL']),
    invalid_score: words(500, 'server_error', ['Backend', 'InternalError', 'INTERNAL']),
    unsupported_job_version: words(500, 'server_error', ['Backend', 'InternalError', 'INTERNAL']),
    no_worker: words(503, 'server_error', ['Unhealthy', 'ModelUnavailable', 'UNAVAILABLE']),
    redis_away: words(503, 'server_error', ['Unhealthy', 'ModelUnavailable', 'UNAVAILABLE']),
    interrupted: words(503, 'server_error', ['Unhealthy', 'ModelUnavailable', 'UNAVAILABLE']),
    deadline_exceeded: words(504, 'server_error', ['Backend', 'RequestTimeOut', 'DEADLINE_EXCEEDED']),
  };
})();

const wordsOf = ({ code }: Failure) => errorWords[code as keyof typeof errorWords];

export const threeSpellings = (failure: Failure) => ({
  message: failure.message,
  detail: failure.message,
  error: {
    message: failure.message,
    type: wordsOf(failure).openAi,
    code: failure.code,
    param: failure.field ?? null,
    ...(failure.limit !== undefined && { limit: failure.limit }),
  },
});
export const teiError = (failure: Failure) => ({ error: failure.message, error_type: wordsOf(failure).tei });
export const voyageError = ({ message }: Failure) => ({ detail: message, message });
export const weaviateError = ({ message }: Failure) => ({ message, detail: message, error: message });
export const dashScopeError = (failure: Failure, request_id: string) => ({
  code: wordsOf(failure).dashScope,
  message: failure.message,
  request_id,
});

export const infinityError = (failure: Failure) => ({
  ...threeSpellings(failure),
  ...(wordsOf(failure).status === 422 && {
    detail: [
      {
        loc: ['body', ...(failure.field === undefined ? [] : [failure.field])],
        msg: failure.message,
        type: failure.code,
      },
    ],
  }),
});
export const openRouterError = (failure: Failure) => ({
  message: failure.message,
  detail: failure.message,
  error: { code: wordsOf(failure).status, message: failure.message },
});
export const pineconeError = (failure: Failure) => ({
  error: { code: wordsOf(failure).pinecone, message: failure.message },
  status: wordsOf(failure).status,
});
