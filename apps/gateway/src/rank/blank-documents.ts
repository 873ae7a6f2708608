import type { Failure, RankedDocument, Ranking, RerankRequest } from '@rerank-fleet/contract';
import { isBlank } from '../dialects/blank-text';

/** The logit of a document without visible text: far below any model's, and its sigmoid is exactly 0. */
export const blankLogit = -1_000;

/** A request, separated from its blank documents. */
export interface SplitRequest {
  request: RerankRequest;
  /** The request without its blank documents. It may have no documents. */
  sent: RerankRequest;
  /** Indices of the blank documents, ascending. */
  blank: readonly number[];
}

/** Finds the documents without visible text. */
export function splitOffBlank(request: RerankRequest): SplitRequest {
  const { documents } = request;
  const blank = documents.flatMap((document, index) => (isBlank(document) ? [index] : []));
  const sent = blank.length === 0 ? request : { ...request, documents: documents.filter((one) => !isBlank(one)) };
  return { request, sent, blank };
}

/**
 * Converts the ranking of the remaining documents into that of the whole request. Blank documents come last, in the
 * order of the request, with 0 tokens.
 */
export function mergeBlank(ranking: Ranking, { request, blank }: SplitRequest): Ranking {
  if (blank.length === 0) return ranking;
  const indices = remainingIndices(request, blank);
  const withIndex = <T extends { index: number }>(one: T): T => ({ ...one, index: indices[one.index] ?? one.index });
  const last = blank.map((index): RankedDocument => ({ index, score: 0, logit: blankLogit }));
  const { documentTokens } = ranking;
  const merged: Ranking = {
    ...ranking,
    results: [...ranking.results.map(withIndex), ...last].slice(0, request.topN),
    truncated: ranking.truncated.map(withIndex),
  };
  if (documentTokens) merged.documentTokens = tokensByIndex(documentTokens, indices, request.documents.length);
  return merged;
}

/**
 * Converts a failure of the remaining request into one of the whole request: an index of a document in its field and
 * its message is changed to the index in the whole request.
 */
export function restoreFailureIndex(failure: Failure, { request, blank }: SplitRequest): Failure {
  const [, named] = /^documents\[(\d+)\]$/.exec(failure.field ?? '') ?? [];
  if (named === undefined || blank.length === 0) return failure;
  const index = remainingIndices(request, blank)[Number(named)] ?? Number(named);
  const message = failure.message.replaceAll(new RegExp(`\\bdocument ${named}\\b`, 'g'), `document ${index}`);
  return { ...failure, message, field: `documents[${index}]` };
}

/** Indices of the documents that are not blank. */
function remainingIndices({ documents }: RerankRequest, blank: readonly number[]): number[] {
  const isBlankAt = new Set(blank);
  return Array.from(documents.keys()).filter((index) => !isBlankAt.has(index));
}

function tokensByIndex(
  tokens: readonly (number | null)[],
  indices: readonly number[],
  documents: number,
): (number | null)[] {
  const all = new Array<number | null>(documents).fill(0);
  for (const [position, index] of indices.entries()) all[index] = tokens[position] ?? null;
  return all;
}
