import type { FeedbackAnswer } from '@rerank-fleet/contract';
import { callGateway, type CallOptions, type CallResult } from './call';
import type { Ranking } from './client';
import type { Grades } from './quality';
import { finite, flag, object, orNull, type ReadOf } from './read-json';

const readReceipt = object({ counted: flag, ndcg: orNull(finite), reciprocalRank: finite });

/** What the gateway made of grades. */
export type FeedbackReceipt = ReadOf<FeedbackAnswer, typeof readReceipt>;

/** The last rank that the gateway takes. */
const rankMax = 1_000;

/**
 * Sends grades by `POST v1/feedback`. Model and ranks go along, for a gateway that does not remember the ranking.
 * `invalid` without any grade, and without a call for a ranking that has no `requestId`.
 */
export async function sendFeedback(
  { ranking, grades }: { ranking: Pick<Ranking, 'requestId' | 'model' | 'order'>; grades: Grades },
  options: CallOptions,
): Promise<CallResult<FeedbackReceipt>> {
  if (ranking.requestId === null) {
    const nowhere = { message: null, requestId: null, status: null };
    return { ok: false, failure: { ...nowhere, kind: 'invalid', field: 'request_id', limit: null } };
  }
  const results = ranking.order.flatMap((index, place) => {
    const grade = grades.get(index);
    return grade === undefined ? [] : [{ index, grade, rank: place < rankMax ? place + 1 : null }];
  });
  const payload = JSON.stringify({ request_id: ranking.requestId, model: ranking.model, results });
  const result = await callGateway({ path: 'v1/feedback', payload, read: readReceipt }, options);
  return result.ok ? { ok: true, value: result.value.body } : result;
}
