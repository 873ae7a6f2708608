import type { ErrorCode } from '@rerank-fleet/contract';
import type { RejectedReason } from './labels';

/**
 * The reason under which an error counts as a rejection: its own if it has one, otherwise `bad_request` for errors of
 * the caller. Undefined for internal errors, which are not rejections.
 */
export function rejectedReason(code: ErrorCode): RejectedReason | undefined {
  switch (code) {
    case 'unauthorized':
    case 'origin_not_allowed':
      return 'auth';
    case 'headers_too_large':
    case 'body_too_large':
    case 'too_many_documents':
    case 'too_many_tokens':
      return 'too_large';
    case 'queue_full':
    case 'gateway_full':
    case 'no_worker':
    case 'redis_away':
    case 'interrupted':
      return code;
    case 'headers_timeout':
    case 'body_timeout':
    case 'deadline_exceeded':
      return 'timeout';
    case 'cancelled':
      return 'client_gone';
    case 'malformed_request':
    case 'expectation_failed':
    case 'invalid_json':
    case 'invalid_type':
    case 'invalid_value':
    case 'query_too_long':
    case 'route_not_found':
    case 'model_not_found':
    case 'method_not_allowed':
    case 'unsupported_media_type':
      return 'bad_request';
    case 'unsupported_job_version':
    case 'invalid_score':
    case 'internal':
      return undefined;
    default:
      return unknownCode(code);
  }
}

function unknownCode(code: never): never {
  throw new Error(`no rejection reason decided for ${String(code)}`);
}
