import type { RankedDocument, Ranking } from '@rerank-fleet/contract';
import type { RankedAnswer } from './dialect';

/** One result, before a dialect names its members. */
export interface RankedResult {
  index: number;
  /** Relevance in [0, 1], or the logit if raw scores were requested. */
  score: number;
  /** The ranked text, if documents were requested. */
  text: string | undefined;
  /** The document as received, if the dialect returns it. */
  sent: unknown;
}

/** The results of an answer, best first, at most the requested number. */
export function rankedResults({ ranking, request, sent }: RankedAnswer): RankedResult[] {
  const toResult = ({ index, score, logit }: RankedDocument): RankedResult => ({
    index,
    score: request.rawScores ? logit : score,
    text: request.returnDocuments ? request.documents[index] : undefined,
    sent: sent?.[index],
  });
  return ranking.results.slice(0, request.topN).map(toResult);
}

/** All results in the order of the request, for clients that match scores with texts by position. */
export function resultsInOrder(answer: RankedAnswer): RankedResult[] {
  return rankedResults(answer).sort((left, right) => left.index - right.index);
}

/** A result with the member names of Cohere and most other APIs. */
export interface RelevanceResult {
  index: number;
  relevance_score: number;
  document?: unknown;
}

/**
 * The results with Cohere's member names. Without a request for documents there is no `document`: some clients fail on
 * null.
 *
 * @param toDocument converts a text into a `document`: an object, or the text itself
 */
export function relevanceResults(answer: RankedAnswer, toDocument: (text: string) => unknown): RelevanceResult[] {
  return rankedResults(answer).map(({ index, score, text }) =>
    text === undefined
      ? { index, relevance_score: score }
      : { index, relevance_score: score, document: toDocument(text) },
  );
}

/** The number of tokens read, with the query counted once. */
export function totalTokens({ tokens }: Ranking): number {
  return tokens.query + tokens.documents;
}

/** The member with the tokens of each text, to be spread into an answer. Empty if it was not requested. */
export function tokensMember({ tokens, documentTokens }: Ranking): { tokens?: object } {
  return documentTokens === undefined ? {} : { tokens: { query: tokens.query, documents: documentTokens } };
}
