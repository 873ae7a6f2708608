import { z } from 'zod';

/**
 * All ways in which a rerank request can end without a ranking. The list is closed: the gateway maps each code to one
 * HTTP status, the metrics take their `error_type` label from it, and a new code does not compile until both include
 * it.
 */
export const errorCodes = [
  'malformed_request',
  'invalid_json',
  'invalid_type',
  'invalid_value',
  'query_too_long',
  'unauthorized',
  'origin_not_allowed',
  'route_not_found',
  'model_not_found',
  'method_not_allowed',
  'headers_timeout',
  'body_timeout',
  'headers_too_large',
  'expectation_failed',
  'body_too_large',
  'too_many_documents',
  'too_many_tokens',
  'unsupported_media_type',
  'queue_full',
  'gateway_full',
  'no_worker',
  'redis_away',
  'interrupted',
  'deadline_exceeded',
  'cancelled',
  'unsupported_job_version',
  'invalid_score',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * An expected failure as data. `message` is for the caller and never contains text of a request. `field` names the
 * invalid request field, `limit` the configured limit that was exceeded.
 */
export const failureSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  field: z.string().optional(),
  limit: z.number().optional(),
  /**
   * Whole seconds until a retry is useful. Only with `queue_full`, `gateway_full`, `no_worker`, `redis_away` and
   * `interrupted`.
   */
  retryAfterS: z.number().int().positive().optional(),
});

export type Failure = z.infer<typeof failureSchema>;
