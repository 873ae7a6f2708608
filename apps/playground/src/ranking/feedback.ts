import type { FeedbackAnswer } from '@rerank-fleet/contract';
import { callGateway, type CallOptions, type CallResult } from './call';
import type { Ranking } from './client';
import type { Grades } from './quality';
import { finite, flag, object, orNull, type ReadOf } from './read-json';

const readReceipt = object({ counted: flag, ndcg: orNull(finite), reciprocalRank: finite });

/** The gateway's evaluation of grades. */
export type FeedbackReceipt = ReadOf<FeedbackAnswer, typeof readReceipt>;

/** The last rank that the gateway accepts. */
const rankMax = 1_000;

/**
 * Sends grades with `POST v1/feedback`. The body includes the model and the ranks, because the gateway may no longer
 * have the ranking. Fails with `invalid` if there is no grade, and without a call if the ranking has no `requestId`.
 */
export async function sendFeedback(
  { ranking, grades }: { ranking: Pick<Ranking, 'requestId' | 'model' | 'order'>; grades: Grades },
  options: CallOptions,
): Promise<CallResult<FeedbackReceipt>> {
  if (ranking.requestId === null) {
    const nowhere = { message: null, requestId: null, status: null };
    return { ok: false, failure: { ...nowhere, kind: 'invalid', field: 'request_id', limit: null } };
  }
  const results = ranking.order.flatMap((index, position) => {
    const grade = grades.get(index);
    return grade === undefined ? [] : [{ index, grade, rank: position < rankMax ? position + 1 : null }];
  });
  const payload = JSON.stringify({ request_id: ranking.requestId, model: ranking.model, results });
  const result = await callGateway({ path: 'v1/feedback', payload, read: readReceipt }, options);
  return result.ok ? { ok: true, value: result.value.body } : result;
}
