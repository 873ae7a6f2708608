import type { RankedDocument, Ranking, RerankRequest } from '@rerank-fleet/contract';

/** One result before a dialect names its members. */
export interface RankedResult {
  index: number;
  /** In [0, 1], or the logit when raw scores were asked for. */
  score: number;
  /** The text that was ranked; only when documents were asked back. */
  text: string | undefined;
}

/** The results of an answer, best first and no more than were asked for. */
export function rankedResults(ranking: Ranking, request: RerankRequest): RankedResult[] {
  const toResult = ({ index, score, logit }: RankedDocument): RankedResult => ({
    index,
    score: request.rawScores ? logit : score,
    text: request.returnDocuments ? request.documents[index] : undefined,
  });
  return ranking.results.slice(0, request.topN).map(toResult);
}
