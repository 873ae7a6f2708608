import type { RankedDocument, Ranking } from '@rerank-fleet/contract';
import type { RankedAnswer } from './dialect';

/** One result before a dialect names its members. */
export interface RankedResult {
  index: number;
  /** In [0, 1], or the logit when raw scores were asked for. */
  score: number;
  /** The text that was ranked; only when documents were asked back. */
  text: string | undefined;
  /** The same as it was sent, where the dialect returns that. */
  sent: unknown;
}

/** The results of an answer, best first and no more than were asked for. */
export function rankedResults({ ranking, request, sent }: RankedAnswer): RankedResult[] {
  const toResult = ({ index, score, logit }: RankedDocument): RankedResult => ({
    index,
    score: request.rawScores ? logit : score,
    text: request.returnDocuments ? request.documents[index] : undefined,
    sent: sent?.[index],
  });
  return ranking.results.slice(0, request.topN).map(toResult);
}

/** The same in the order of the request, for clients that pair scores with their texts by the place. */
export function resultsInOrder(answer: RankedAnswer): RankedResult[] {
  return rankedResults(answer).sort((left, right) => left.index - right.index);
}

/** A result in the spelling of Cohere and most others. */
export interface RelevanceResult {
  index: number;
  relevance_score: number;
  document?: unknown;
}

/**
 * The results in the spelling of Cohere. There is no `document` unless it was asked for: some clients throw on null.
 *
 * @param toDocument what `document` is made of the text: an object, or the text itself
 */
export function relevanceResults(answer: RankedAnswer, toDocument: (text: string) => unknown): RelevanceResult[] {
  return rankedResults(answer).map(({ index, score, text }) =>
    text === undefined
      ? { index, relevance_score: score }
      : { index, relevance_score: score, document: toDocument(text) },
  );
}

/** All tokens that were read, the query counted once. */
export function totalTokens({ tokens }: Ranking): number {
  return tokens.query + tokens.documents;
}

/** The member that tells the tokens of each text, to be spread into an answer: absent unless it was asked for. */
export function tokensMember({ tokens, documentTokens }: Ranking): { tokens?: object } {
  return documentTokens === undefined ? {} : { tokens: { query: tokens.query, documents: documentTokens } };
}
