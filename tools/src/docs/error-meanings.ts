import type { ErrorCode } from '@rerank-fleet/contract';

/** The meaning of each error for a caller, as text for the reference page. */
export const errorMeanings: Record<ErrorCode, string> = {
  malformed_request: 'What came is not a valid HTTP request: its first line, its headers, its address or its length.',
  invalid_json: 'The body is not JSON.',
  invalid_type: 'A field is missing or has a wrong type.',
  invalid_value: 'A field has the right type and an impossible value.',
  query_too_long: 'The query leaves no room for a document, or is longer than the model can read.',
  unauthorized: 'The API key is missing or not known.',
  origin_not_allowed: 'A browser sent it for a page that may not use a gateway without an API key.',
  route_not_found: 'There is no such address.',
  model_not_found: 'No worker has served a model of this name; the answer lists those that exist.',
  method_not_allowed: 'The address exists, but not with this method.',
  headers_timeout: 'The headers did not arrive in time.',
  body_timeout: 'The body did not arrive in time.',
  headers_too_large: 'The address and the headers have more than 16 KB together.',
  body_too_large: 'The body has more bytes than the limit, after inflating.',
  too_many_documents: 'More documents than the limit.',
  too_many_tokens: 'More text than the whole idle fleet scores within the time that the request may wait.',
  unsupported_media_type: 'The body is of a type or encoding that is not read.',
  expectation_failed: 'The header `Expect` asks for something other than `100-continue`.',
  queue_full: 'The fleet has as much waiting work as it takes; try again after `Retry-After`.',
  gateway_full:
    'The gateway holds as many bytes of requests as it may; try again after `Retry-After`. Large requests give way first.',
  no_worker: 'The model is known, but no worker serves it now; try again after `Retry-After`.',
  redis_away: 'The queue cannot be reached; try again after `Retry-After`.',
  interrupted: 'The work was dropped, or its worker was too busy to finish it; try again after `Retry-After`.',
  deadline_exceeded: 'The ranking was not ready within the time that the request may wait.',
  cancelled: 'The caller disconnected before the answer. The request is only counted.',
  unsupported_job_version: 'A gateway is newer than the workers that serve it.',
  invalid_score: 'The model gave a score that is not a number for the document that `field` names.',
  internal: 'A fault of the service; its log has the request id.',
};
