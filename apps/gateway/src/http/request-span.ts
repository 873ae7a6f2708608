import type { IncomingMessage } from 'node:http';
import type { ErrorCode } from '@rerank-fleet/contract';
import { otherLabel } from '@rerank-fleet/metrics';
import { noSpan, type Span, type Tracing } from '@rerank-fleet/service-shell';

/** Starts the span of a request, as a child of its caller's span. Without an endpoint there is no span. */
export function startRequestSpan(tracing: Tracing, request: IncomingMessage, endpoint: string | undefined): Span {
  if (endpoint === undefined) return noSpan;
  const { method = '', headers } = request;
  const parent = headers['traceparent'];
  return tracing.startSpan(endpoint === otherLabel ? method : `${method} ${endpoint}`, {
    kind: 'server',
    parent: typeof parent === 'string' ? parent : undefined,
  });
}

/** The facts of a counted request. */
export interface CountedRequest {
  requestId: string;
  method: string;
  endpoint: string;
  code: number;
  failure: ErrorCode | undefined;
}

/** Ends the span of a request. By the conventions of HTTP server spans, only a 5xx marks it as failed. */
export function endRequestSpan(span: Span, { requestId, method, endpoint, code, failure }: CountedRequest): void {
  if (span.isSampled) {
    span.setAttributes({
      'http.request.method': method,
      // the raw path may contain a user's text, so only the template is recorded
      ...(endpoint !== otherLabel && { 'http.route': endpoint }),
      'http.response.status_code': code,
      'rerank.request_id': requestId,
      ...(failure !== undefined && { 'error.type': failure }),
    });
    if (code >= 500) span.fail(failure ?? String(code));
  }
  span.end();
}
