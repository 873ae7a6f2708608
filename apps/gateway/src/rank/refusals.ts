import { randomUUID } from 'node:crypto';
import { otherLabel } from '@rerank-fleet/metrics';
import type { AnswerRefusal, HttpRefusal } from '@rerank-fleet/service-shell';
import { fallbackDialects } from '../dialects/choose';
import { familyOfPrefix } from '../dialects/families';
import { normalisePath } from './endpoints';
import type { RequestMetrics } from '../http/exchange';
import { failureOf } from '../http/failure';

type Counting = Pick<RequestMetrics, 'requestStarted' | 'requestFinished'>;

/**
 * Answers requests that the server refuses before they reach the application, and counts them under no route. Requests
 * that reached the application are counted there.
 */
export function createRefusalAnswer(metrics: Counting): AnswerRefusal {
  return (refusal, { request, isTaken }) => {
    if (!isTaken) count(metrics, refusal, request?.method ?? '');
    const requestId = randomUUID();
    const dialect = fallbackDialects[familyOfPrefix(normalisePath(request?.url ?? ''))];
    const failure = failureOf(refusal.code, refusal.message);
    return { body: dialect.render({ ok: false, failure, requestId }), headers: { 'x-request-id': requestId } };
  };
}

function count(metrics: Counting, { code, status }: HttpRefusal, method: string): void {
  metrics.requestStarted(otherLabel);
  // answered when it is detected; the time before may have been idle
  metrics.requestFinished({ method, endpoint: otherLabel, code: status, failure: code, durationMs: 0 });
}
