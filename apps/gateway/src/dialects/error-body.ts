import type { ErrorCode, Failure } from '@rerank-fleet/contract';
import { statusOf } from '../failure';

/**
 * The error body of the `documents` dialects, in three spellings at once: `message` is what Cohere's clients show,
 * `detail` what Jina-like and Xinference ones raise, `error` what those of OpenAI and Together show.
 */
export function threeSpellings(failure: Failure): object {
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

function openAiErrorType(code: ErrorCode): string {
  const status = statusOf[code];
  if (status === 401) return 'authentication_error';
  if (status === 404) return 'not_found_error';
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

/** The error body of text-embeddings-inference; `error_type` is one of the names that its clients know. */
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

/** The error body for Voyage's clients, which crash on an `error` that is an object. */
export function voyageError(failure: Failure): object {
  return { detail: failure.message, message: failure.message };
}
