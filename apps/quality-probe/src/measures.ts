import { ndcg, reciprocalRank } from '@rerank-fleet/contract';
import { type GoldenQuery, relevantGrade } from './golden-set';

/** One document of an answer: its index in the request, and its score. */
export interface Ranked {
  index: number;
  score: number;
}

/** Buckets of the scores, tenths of 0 to 1. */
export const scoreBuckets = 10;

/** Ranking quality for one language. */
export interface Quality {
  /** Mean nDCG@10, 0 to 1. */
  ndcg: number;
  /** Mean reciprocal rank of the first relevant document, 0 to 1. */
  mrr: number;
  /** Number of scores per bucket of {@link scoreBuckets}. */
  scoreCounts: number[];
}

/** Computes the quality of the rankings for one language. */
export function measure(answers: readonly { query: GoldenQuery; ranking: readonly Ranked[] }[]): Quality {
  const scoreCounts = new Array<number>(scoreBuckets).fill(0);
  let ndcgSum = 0;
  let rankSum = 0;
  for (const { query, ranking } of answers) {
    const grades = ranking.map(({ index }) => query.documents[index]?.grade ?? 0);
    ndcgSum +=
      ndcg(
        grades,
        query.documents.map(({ grade }) => grade),
      ) ?? 0;
    rankSum += reciprocalRank(grades.map((grade) => grade >= relevantGrade));
    for (const { score } of ranking) {
      const bucket = Math.min(scoreBuckets - 1, Math.floor(score * scoreBuckets));
      scoreCounts[bucket] = (scoreCounts[bucket] ?? 0) + 1;
    }
  }
  return { ndcg: ndcgSum / answers.length, mrr: rankSum / answers.length, scoreCounts };
}

/** Added to each bucket, because an empty bucket would make the index infinite. */
const smoothing = 0.5;

/**
 * Population stability index of two distributions over the same buckets: the sum of (p - q) ln(p / q). It is 0 for
 * equal distributions. Credit scoring uses 0.1 for a small and 0.25 for a large shift (Siddiqi, Credit Risk Scorecards,
 * 2006).
 */
export function populationStabilityIndex(counts: readonly number[], baseline: readonly number[]): number {
  const shares = (values: readonly number[]) => {
    const total = values.reduce((sum, value) => sum + value + smoothing, 0);
    return values.map((value) => (value + smoothing) / total);
  };
  const [p, q] = [shares(counts), shares(baseline)];
  return p.reduce((sum, share, place) => {
    const before = q[place] as number;
    return sum + (share - before) * Math.log(share / before);
  }, 0);
}
