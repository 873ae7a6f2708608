import type { ErrorAnswer, ErrorCode, Failure } from '@rerank-fleet/contract';
import { type Headers, type Reply, failureReply } from '../http/exchange';
import { statusOf } from '../http/failure';

/**
 * The error body of the `documents` dialects, with three members for different clients: `message` for Cohere's,
 * `detail` for those of Jina and Xinference, `error` for those of OpenAI and Together.
 */
export function threeSpellings(failure: Failure): ErrorAnswer {
  return {
    message: failure.message,
    detail: failure.message,
    error: {
      message: failure.message,
      type: openAiErrorType(failure.code),
      code: failure.code,
      param: failure.field ?? null,
      ...(failure.limit === undefined ? {} : { limit: failure.limit }),
    },
  };
}

/** The reply for a failure at a path without a dialect. */
export function plainRefusal(failure: Failure, headers?: Headers): Reply {
  return failureReply(failure, threeSpellings(failure), headers);
}

function openAiErrorType(code: ErrorCode): string {
  const status = statusOf[code];
  if (status === 401) return 'authentication_error';
  if (status === 404) return 'not_found_error';
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

/** The error body of text-embeddings-inference. `error_type` is one of the names that its clients know. */
export function teiError(failure: Failure): object {
  return { error: failure.message, error_type: teiErrorType(failure) };
}

function teiErrorType({ code, field }: Failure): string {
  if (code === 'invalid_value' && (field === 'texts' || field === 'documents')) return 'Empty';
  const status = statusOf[code];
  if (status === 429) return 'Overloaded';
  if (status === 503) return 'Unhealthy';
  return status < 500 ? 'Validation' : 'Backend';
}

/** The error body for Voyage's clients, which crash if `error` is an object. */
export function voyageError(failure: Failure): object {
  return { detail: failure.message, message: failure.message };
}

/** The error body for Weaviate's module, which reads `error` as a string and cannot decode an object there. */
export function weaviateError(failure: Failure): object {
  return { message: failure.message, detail: failure.message, error: failure.message };
}

/** The error body under the Infinity prefix. The generated client parses `detail` of a 422 as FastAPI's list. */
export function infinityError(failure: Failure): object {
  const body = threeSpellings(failure);
  if (statusOf[failure.code] !== 422) return body;
  const fieldPath = failure.field === undefined ? [] : [failure.field];
  return { ...body, detail: [{ loc: ['body', ...fieldPath], msg: failure.message, type: failure.code }] };
}

/** The error body of OpenRouter, whose client reads `error.code` as a number. */
export function openRouterError({ code, message }: Failure): object {
  return { message, detail: message, error: { code: statusOf[code], message } };
}

/** The error codes of Pinecone in use here. */
export const pineconeCodes = [
  'INVALID_ARGUMENT',
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'NOT_FOUND',
  'UNIMPLEMENTED',
  'DEADLINE_EXCEEDED',
  'RESOURCE_EXHAUSTED',
  'INTERNAL',
  'UNAVAILABLE',
] as const;

/** The error body of Pinecone, whose client shows the code and the message. */
export function pineconeError({ code, message }: Failure): object {
  const status = statusOf[code];
  return { error: { code: pineconeCode(status), message }, status };
}

function pineconeCode(status: (typeof statusOf)[ErrorCode]): (typeof pineconeCodes)[number] {
  switch (status) {
    case 400:
    case 413:
    case 415:
    case 417:
    case 422:
    case 431:
      return 'INVALID_ARGUMENT';
    case 401:
      return 'UNAUTHENTICATED';
    case 403:
      return 'PERMISSION_DENIED';
    case 404:
      return 'NOT_FOUND';
    case 405:
      return 'UNIMPLEMENTED';
    case 408:
    case 504:
      return 'DEADLINE_EXCEEDED';
    case 429:
      return 'RESOURCE_EXHAUSTED';
    case 499:
    case 500:
      return 'INTERNAL';
    case 503:
      return 'UNAVAILABLE';
    default:
      return status satisfies never;
  }
}

/** The error codes of DashScope in use here. */
export const dashScopeCodes = [
  'InvalidParameter',
  'InvalidApiKey',
  'AccessDenied',
  'NotFound',
  'ModelNotFound',
  'UnsupportedOperation',
  'RequestTimeOut',
  'BadRequest.TooLarge',
  'Throttling',
  'ModelUnavailable',
  'InternalError',
] as const;

/** The error body of DashScope, whose clients show the `request_id` to users. */
export function dashScopeError({ code, message }: Failure, requestId: string): object {
  return { code: dashScopeCode(code), message, request_id: requestId };
}

function dashScopeCode(code: ErrorCode): (typeof dashScopeCodes)[number] {
  switch (code) {
    case 'malformed_request':
    case 'expectation_failed':
    case 'invalid_json':
    case 'invalid_type':
    case 'invalid_value':
    case 'query_too_long':
    case 'too_many_documents':
    case 'too_many_tokens':
    case 'unsupported_media_type':
      return 'InvalidParameter';
    case 'unauthorized':
      return 'InvalidApiKey';
    case 'origin_not_allowed':
      return 'AccessDenied';
    case 'route_not_found':
      return 'NotFound';
    case 'model_not_found':
      return 'ModelNotFound';
    case 'method_not_allowed':
      return 'UnsupportedOperation';
    case 'headers_timeout':
    case 'body_timeout':
    case 'deadline_exceeded':
      return 'RequestTimeOut';
    case 'headers_too_large':
    case 'body_too_large':
      return 'BadRequest.TooLarge';
    case 'queue_full':
    case 'gateway_full':
      return 'Throttling';
    case 'no_worker':
    case 'redis_away':
    case 'interrupted':
      return 'ModelUnavailable';
    case 'cancelled':
    case 'internal':
    case 'invalid_score':
    case 'unsupported_job_version':
      return 'InternalError';
    default:
      return code satisfies never;
  }
}
