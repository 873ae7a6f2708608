import type { Failure, RankedDocument, Ranking, RerankRequest } from '@rerank-fleet/contract';
import { isBlank } from '../dialects/blank-text';

/** The logit of a document in which nothing shows: far below any that a model gives, and its sigmoid is exactly 0. */
export const blankLogit = -1_000;

/** A request and which of its documents no model is asked about. */
export interface SplitRequest {
  request: RerankRequest;
  /** The same without its blank documents; it may hold none at all. */
  sent: RerankRequest;
  /** Places of the blank documents, ascending. */
  blank: readonly number[];
}

/** Finds the documents in which nothing shows. */
export function splitOffBlank(request: RerankRequest): SplitRequest {
  const { documents } = request;
  const blank = documents.flatMap((document, index) => (isBlank(document) ? [index] : []));
  const sent = blank.length === 0 ? request : { ...request, documents: documents.filter((one) => !isBlank(one)) };
  return { request, sent, blank };
}

/**
 * The ranking of the whole request from that of what was left of it: blank documents come last, in the order of the
 * request, and none of their tokens was read.
 */
export function mergeBlank(ranking: Ranking, { request, blank }: SplitRequest): Ranking {
  if (blank.length === 0) return ranking;
  const places = placesLeft(request, blank);
  const placed = <T extends { index: number }>(one: T): T => ({ ...one, index: places[one.index] ?? one.index });
  const last = blank.map((index): RankedDocument => ({ index, score: 0, logit: blankLogit }));
  const { documentTokens } = ranking;
  const merged: Ranking = {
    ...ranking,
    results: [...ranking.results.map(placed), ...last].slice(0, request.topN),
    truncated: ranking.truncated.map(placed),
  };
  if (documentTokens) merged.documentTokens = tokensInPlace(documentTokens, places, request.documents.length);
  return merged;
}

/**
 * A failure of what was left of a request, for the caller: where it names a document, in its field and in its message, that
 * is the place in the whole request.
 */
export function placeFailure(failure: Failure, { request, blank }: SplitRequest): Failure {
  const [, named] = /^documents\[(\d+)\]$/.exec(failure.field ?? '') ?? [];
  if (named === undefined || blank.length === 0) return failure;
  const index = placesLeft(request, blank)[Number(named)] ?? Number(named);
  const message = failure.message.replaceAll(new RegExp(`\\bdocument ${named}\\b`, 'g'), `document ${index}`);
  return { ...failure, message, field: `documents[${index}]` };
}

/** Places in the request of the documents that are not blank. */
function placesLeft({ documents }: RerankRequest, blank: readonly number[]): number[] {
  const isBlankAt = new Set(blank);
  return Array.from(documents.keys()).filter((index) => !isBlankAt.has(index));
}

function tokensInPlace(
  tokens: readonly (number | null)[],
  places: readonly number[],
  documents: number,
): (number | null)[] {
  const all = new Array<number | null>(documents).fill(0);
  for (const [position, index] of places.entries()) all[index] = tokens[position] ?? null;
  return all;
}
