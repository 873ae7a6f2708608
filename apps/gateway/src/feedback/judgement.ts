import { ndcg, reciprocalRank } from '@rerank-fleet/contract';
import type { FeedbackKind } from '@rerank-fleet/metrics';

/** What somebody said of one document of a ranking. */
export interface JudgedResult {
  /** Where the ranking had it, from 1; undefined when it did not return it. */
  rank: number | undefined;
  /** 0 (not relevant) to 3; undefined when nobody graded it. */
  grade: number | undefined;
  /** False for one that was seen and not clicked; undefined when nobody watched. */
  clicked: boolean | undefined;
}

/** A ranking's quality by what was said of it. */
export interface Judgement {
  kinds: FeedbackKind[];
  /** 0 to 1; undefined when nothing was relevant. */
  ndcg: number | undefined;
  reciprocalRank: number;
}

/** A click says "relevant" and no more; a grade, where there is one, says it better. */
const clickGrade = 1;

/** Judges a ranking by the documents that somebody said something of; all others count as not relevant. */
export function judge(results: readonly JudgedResult[]): Judgement {
  const grades = results.map(({ grade, clicked }) => grade ?? (clicked ? clickGrade : 0));
  const lastRank = results.reduce((last, { rank }) => Math.max(last, rank ?? 0), 0);
  const ranked = new Array<number>(lastRank).fill(0);
  results.forEach(({ rank }, place) => {
    if (rank !== undefined) ranked[rank - 1] = grades[place] ?? 0;
  });
  const isGraded = results.some(({ grade }) => grade !== undefined);
  const isClicked = results.some(({ clicked }) => clicked !== undefined);
  return {
    kinds: [...(isGraded ? ['grade' as const] : []), ...(isClicked ? ['click' as const] : [])],
    ndcg: ndcg(ranked, grades),
    reciprocalRank: reciprocalRank(ranked.map((grade) => grade > 0)),
  };
}
