import type { Failure, FeedbackAnswer, Result } from '@rerank-fleet/contract';
import { plainRefusal } from '../dialects/error-body';
import { validate } from '../dialects/body-parser';
import { refusedAccess } from '../http/access';
import { type Edge, logFault } from '../rank/edge';
import type { RankingMemory } from './memory';
import { type Exchange, type Reply, send } from '../http/exchange';
import { failureOf, internalFailure, refused } from '../http/failure';
import { unreadableType } from '../http/json-body';
import { findModel } from '../rank/find-model';
import { readJsonObject } from '../http/request-body';
import { type JudgedResult, judge } from './judgement';
import { type FeedbackBody, feedbackSchema } from './schema';

/** The dependencies of the feedback handler. */
export interface FeedbackEdge extends Edge {
  rankings: RankingMemory;
}

/** Answers `POST /v1/feedback`: records the quality of a ranking from a user's grades or clicks. */
export async function handleFeedback(edge: FeedbackEdge, exchange: Exchange): Promise<void> {
  try {
    send(exchange, await answer(edge, exchange));
  } catch (error) {
    logFault(edge.logger, exchange, error);
    send(exchange, plainRefusal(internalFailure(exchange.requestId)));
  }
}

async function answer(edge: FeedbackEdge, exchange: Exchange): Promise<Reply> {
  const { request } = exchange;
  const preflight = edge.origins.applyCors(exchange, 'POST');
  if (preflight) return preflight;
  if (request.method !== 'POST') {
    return plainRefusal(failureOf('method_not_allowed', 'This path answers POST.'), { allow: 'POST' });
  }
  const accessFailure = refusedAccess(edge, request);
  if (accessFailure) return plainRefusal(accessFailure);
  const typeFailure = unreadableType(request.headers['content-type']);
  if (typeFailure) return plainRefusal(typeFailure);
  const json = await readJsonObject(edge, exchange);
  if (!json.ok) return plainRefusal(json.failure);
  const { results } = json.body;
  // checked before the schema, which would validate each of a million elements
  if (Array.isArray(results) && results.length > edge.config.maxDocuments)
    return plainRefusal(tooMany(edge, results.length));
  const checked = validate(feedbackSchema, json.body);
  if (!checked.ok) return plainRefusal(checked.failure);
  const judged = record(edge, checked.value);
  return judged.ok ? { status: 200, body: judged.answer } : plainRefusal(judged.failure);
}

function tooMany({ config }: FeedbackEdge, count: number): Failure {
  const limit = config.maxDocuments;
  const message = `\`results\` has ${count} documents; the limit is ${limit}.`;
  return failureOf('too_many_documents', message, { field: 'results', limit });
}

function record(edge: FeedbackEdge, body: FeedbackBody): Result<{ answer: FeedbackAnswer }> {
  const { request_id: requestId, results } = body;
  const repeated = firstRepeated(results.map(({ index }) => index));
  if (repeated !== -1) {
    const field = `results[${repeated}].index`;
    return refused('invalid_value', `\`${field}\` repeats a document.`, { field });
  }
  const ranking = rankedAt(edge, body);
  if (!ranking.ok) return ranking;
  const { kinds, ...quality } = judge(ranking.results);
  if (kinds.length === 0) {
    return refused('invalid_value', '`results` must have at least one grade or click.', { field: 'results' });
  }
  // without a stored ranking it is not known whether feedback was given before
  const counted = !ranking.isStored || edge.rankings.judge(requestId);
  const { model } = ranking;
  if (counted) edge.metrics.feedbackGiven({ model, kinds, ...quality });
  return {
    ok: true,
    answer: {
      request_id: requestId,
      model,
      counted,
      ndcg: quality.ndcg ?? null,
      reciprocal_rank: quality.reciprocalRank,
    },
  };
}

type Ranked = Result<{ isStored: boolean; model: string; results: JudgedResult[] }>;

/** Adds each document's rank: from the stored ranking, otherwise as the caller gives it. */
function rankedAt(edge: FeedbackEdge, body: FeedbackBody): Ranked {
  const stored = edge.rankings.find(body.request_id);
  if (!stored) return rankedByCaller(edge, body);
  const outside = body.results.findIndex(({ index }) => index >= stored.documents);
  if (outside !== -1) {
    const field = `results[${outside}].index`;
    const limit = stored.documents - 1;
    return refused('invalid_value', `\`${field}\` is greater than the index of the request's last document.`, {
      field,
      limit,
    });
  }
  const results = body.results.map((result) => judged(result, stored.rankOf(result.index)));
  return { ok: true, isStored: true, model: stored.model, results };
}

function rankedByCaller({ fleet, config }: FeedbackEdge, body: FeedbackBody): Ranked {
  const hint = 'This gateway has no record of this ranking: send the `model` and the `rank` of each result.';
  if (!body.model) return refused('invalid_value', hint, { field: 'model' });
  const model = findModel(fleet.models(), body.model, config.modelAliases);
  if (!model) return refused('model_not_found', 'No worker serves a model of this name.', { field: 'model' });
  const without = body.results.findIndex(({ rank }) => typeof rank !== 'number');
  if (without !== -1) return refused('invalid_value', hint, { field: `results[${without}].rank` });
  const repeated = firstRepeated(body.results.map(({ rank }) => rank));
  if (repeated !== -1) {
    const field = `results[${repeated}].rank`;
    return refused('invalid_value', `\`${field}\` repeats the rank of another document.`, { field });
  }
  const results = body.results.map((result) => judged(result, result.rank ?? undefined));
  return { ok: true, isStored: false, model: model.name, results };
}

/** Index of the first value that repeats an earlier one; -1 if all differ. */
function firstRepeated(values: readonly unknown[]): number {
  const seen = new Set<unknown>();
  return values.findIndex((value) => seen.size === seen.add(value).size);
}

function judged({ grade, clicked }: FeedbackBody['results'][number], rank: number | undefined): JudgedResult {
  return { rank, grade: grade ?? undefined, clicked: clicked ?? undefined };
}
