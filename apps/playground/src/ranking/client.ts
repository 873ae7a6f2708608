import type { RankingAnswer } from '@rerank-fleet/contract';
import { type Answered, callGateway, type CallOptions, type CallResult } from './call';
import { count, finite, listOf, object, orNull, type Reader, type ReadOf, text } from './read-json';
import { rankPayload, type RankRequest } from './request';

/** One document of a ranking. */
export interface RankedDocument {
  /** Position of the document in the request, from 0. */
  index: number;
  /** Relevance, 0 to 1. */
  score: number;
  /** ln(score / (1 - score)); null for a score outside of (0, 1), which has no finite logit. */
  logit: number | null;
  /** Tokens of the document that the model read, without the template; null if the worker does not report them. */
  tokens: number | null;
}

/** The time of each step in milliseconds, from the slowest part of the request. */
interface RankTimings {
  queueMs: number;
  tokenizationMs: number;
  inferenceMs: number;
  /** Time in the gateway, from the request's first byte to the answer. */
  totalMs: number;
  /** `totalMs` minus the three parts, never below 0. */
  otherMs: number;
}

/** A ranking of all documents of a request. */
export interface Ranking {
  requestId: string | null;
  /** `name@version` of the model that scored. */
  model: string;
  /** Name without the version, as `root` in `GET /v1/models`. */
  modelName: string;
  /** Best first. Contains each document of the request once. */
  results: RankedDocument[];
  /** Indices of the documents, best first. */
  order: number[];
  truncated: Truncation[];
  /** Tokens of the query; null if the worker does not report them. */
  queryTokens: number | null;
  /** All tokens that the model read, with the query counted once. */
  totalTokens: number;
  /** Null if the headers are missing, such as behind a proxy that drops them. */
  timings: RankTimings | null;
  /** Duration by the page's clock, including the network. */
  roundTripMs: number;
  /** The unchanged answer: JSON text. */
  answer: string;
}

export type RankResult = CallResult<Ranking>;

/** Ranks with `POST v1/rerank`. An answer that does not contain every document once is `unexpected`. */
export async function rank(request: RankRequest, options: CallOptions): Promise<RankResult> {
  const read: Reader<RankAnswer> = (value) => {
    const answer = readAnswer(value);
    return answer && isComplete(answer, request.documents.length) ? answer : undefined;
  };
  const result = await callGateway({ path: 'v1/rerank', payload: rankPayload(request), read }, options);
  return result.ok ? { ok: true, value: toRanking(result.value) } : result;
}

const readAnswer = object({
  model: text,
  modelVersion: text,
  results: listOf(object({ index: count, relevanceScore: finite })),
  usage: object({ totalTokens: count }),
  truncated: orNull(listOf(object({ index: count, tokens: count, keptTokens: count, keptCharacters: count }))),
  tokens: orNull(object({ query: count, documents: listOf(orNull(count)) })),
});

type RankAnswer = ReadOf<RankingAnswer, typeof readAnswer>;

/** A document of which the model read only the start: see `splitAtCut`. */
export type Truncation = NonNullable<RankAnswer['truncated']>[number];

function isComplete({ results, truncated, tokens }: RankAnswer, documents: number): boolean {
  const ranked = new Set(results.map(({ index }) => index));
  return (
    results.length === documents &&
    ranked.size === documents &&
    results.every(({ index }) => index < documents) &&
    (truncated ?? []).every(({ index }) => index < documents) &&
    (tokens === null || tokens.documents.length === documents)
  );
}

function toRanking({ body, content, headers, roundTripMs }: Answered<RankAnswer>): Ranking {
  const { model, modelVersion, results, usage, truncated, tokens } = body;
  return {
    requestId: headers.get('x-request-id'),
    model: `${model}@${modelVersion}`,
    modelName: model,
    results: results.map(({ index, relevanceScore: score }) => ({
      index,
      score,
      logit: logitOf(score),
      tokens: tokens?.documents[index] ?? null,
    })),
    order: results.map(({ index }) => index),
    truncated: truncated ?? [],
    queryTokens: tokens?.query ?? null,
    totalTokens: usage.totalTokens,
    timings: timingsOf(headers),
    roundTripMs,
    answer: content,
  };
}

/** The inverse of the logistic function. */
function logitOf(score: number): number | null {
  const logit = Math.log(score) - Math.log1p(-score);
  return Number.isFinite(logit) ? logit : null;
}

function timingsOf(headers: Headers): RankTimings | null {
  const queueMs = millisecondsIn(headers.get('x-queue-time'));
  const tokenizationMs = millisecondsIn(headers.get('x-tokenization-time'));
  const inferenceMs = millisecondsIn(headers.get('x-inference-time'));
  const totalMs = millisecondsIn(headers.get('x-total-time'));
  if (queueMs === null || tokenizationMs === null || inferenceMs === null || totalMs === null) return null;
  const otherMs = Math.max(0, totalMs - queueMs - tokenizationMs - inferenceMs);
  return { queueMs, tokenizationMs, inferenceMs, totalMs, otherMs };
}

function millisecondsIn(header: string | null): number | null {
  return header !== null && /^\d+(\.\d+)?$/.test(header) ? Number(header) : null;
}
