import { ndcg, reciprocalRank } from '@rerank-fleet/contract';
import type { FeedbackKind } from '@rerank-fleet/metrics';

/** A user's feedback to one document of a ranking. */
export interface JudgedResult {
  /** The document's rank, from 1; undefined if the ranking did not return it. */
  rank: number | undefined;
  /** 0 (not relevant) to 3; undefined if not graded. */
  grade: number | undefined;
  /** False: seen and not clicked. Undefined: not known. */
  clicked: boolean | undefined;
}

/** The quality of a ranking according to feedback. */
export interface Judgement {
  kinds: FeedbackKind[];
  /** 0 to 1; undefined if no document was relevant. */
  ndcg: number | undefined;
  reciprocalRank: number;
}

/** The grade of a clicked document without a grade. A click means only "relevant". */
const clickGrade = 1;

/** Judges a ranking by the documents with feedback. All others count as not relevant. */
export function judge(results: readonly JudgedResult[]): Judgement {
  const grades = results.map(({ grade, clicked }) => grade ?? (clicked ? clickGrade : 0));
  const lastRank = results.reduce((last, { rank }) => Math.max(last, rank ?? 0), 0);
  const ranked = new Array<number>(lastRank).fill(0);
  results.forEach(({ rank }, index) => {
    if (rank !== undefined) ranked[rank - 1] = grades[index] ?? 0;
  });
  const isGraded = results.some(({ grade }) => grade !== undefined);
  const isClicked = results.some(({ clicked }) => clicked !== undefined);
  return {
    kinds: [...(isGraded ? ['grade' as const] : []), ...(isClicked ? ['click' as const] : [])],
    ndcg: ndcg(ranked, grades),
    reciprocalRank: reciprocalRank(ranked.map((grade) => grade > 0)),
  };
}
