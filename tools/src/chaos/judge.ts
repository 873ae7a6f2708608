import { type RawResponse, parseJson } from '../raw-http/response';
import type { ClientDialect, Question, ScoredDocument } from './dialects';

/**
 * Outcome of a request.
 *
 * - `right`: 200 with the expected documents, scores and texts.
 * - `refused`: 429 or 503 with a `Retry-After` of whole seconds, or 504 after the whole wait.
 * - `wrong`: any other 200.
 * - `lost`: no answer, or any other answer.
 * - `twice`: more than one answer.
 */
export type Outcome = 'right' | 'refused' | 'wrong' | 'lost' | 'twice';

/** An outcome with its details. */
export interface Verdict {
  outcome: Outcome;
  /** Explanation of a wrong, lost or twice answered request. */
  reason?: string;
  /** `Retry-After` of a refusal. */
  retryAfterS?: number;
  /** True when the request was refused because its wait was over. */
  isLate?: true;
}

/** The expected logit of a document for a query. */
export type Logit = (query: string, document: string) => number;

/** A request with the expected scores. */
export interface Expectation {
  question: Question;
  dialect: ClientDialect;
  /** Wait of the request. */
  waitMs: number;
  logit: Logit;
}

/** Allowed difference from the recorded logit, because float sums depend on the other rows of a batch. */
export const logitTolerance = 1e-4;
/** The same for a sigmoid, whose slope is at most 1/4, plus the rounding of scores in answers. */
const sigmoidTolerance = logitTolerance / 4 + 1e-9;

/** Judges a complete answer. */
export function judgeAnswer(expectation: Expectation, response: RawResponse, elapsedMs: number): Verdict {
  switch (response.status) {
    case 200: {
      const reason = faultOfRanking(expectation, response);
      return reason === undefined ? { outcome: 'right' } : { outcome: 'wrong', reason };
    }
    case 429:
    case 503:
      return judgeRefusal(response);
    case 504:
      if (elapsedMs >= expectation.waitMs) return { outcome: 'refused', isLate: true };
      return lost(`504 after ${Math.round(elapsedMs)} ms of a wait of ${expectation.waitMs} ms`);
    default:
      return lost(`status ${response.status}`);
  }
}

/** The verdict on a request without an answer, or with an answer that is not allowed. */
export function lost(reason: string): Verdict {
  return { outcome: 'lost', reason };
}

function judgeRefusal({ status, headers }: RawResponse): Verdict {
  const retryAfter = headers.get('retry-after') ?? '';
  if (!/^[1-9]\d{0,3}$/.test(retryAfter)) return lost(`${status} with Retry-After "${retryAfter}"`);
  return { outcome: 'refused', retryAfterS: Number(retryAfter) };
}

function faultOfRanking(expectation: Expectation, { body }: RawResponse): string | undefined {
  const results = expectation.dialect.read(parseJson(body));
  if (results === undefined) return 'the answer has a wrong shape';
  return (
    faultOfIndexes(expectation, results) ?? faultOfResults(expectation, results) ?? faultOfOrder(expectation, results)
  );
}

/** Every document must appear once, or as many documents as requested. */
function faultOfIndexes({ question }: Expectation, results: readonly ScoredDocument[]): string | undefined {
  const wanted = Math.min(question.topN ?? Infinity, question.documents.length);
  if (results.length !== wanted) return `${results.length} results instead of ${wanted}`;
  const indexes = new Set(results.map(({ index }) => index));
  if (indexes.size !== results.length) return 'a document twice';
  const wasSent = ({ index }: ScoredDocument) => question.documents[index] !== undefined;
  return results.every(wasSent) ? undefined : 'a document that was not sent';
}

function faultOfResults(expectation: Expectation, results: readonly ScoredDocument[]): string | undefined {
  const { question, dialect } = expectation;
  const tolerance = dialect.scores === 'logit' ? logitTolerance : sigmoidTolerance;
  for (const { index, score, text } of results) {
    const expected = expectedScore(expectation, index);
    // negated so that NaN also fails
    if (!(Math.abs(score - expected) <= tolerance)) return `score ${score} instead of ${expected}`;
    const wanted = question.returnTexts ? question.documents[index] : undefined;
    if (text !== wanted) return 'a text that was not sent or not requested';
  }
  return undefined;
}

function expectedScore({ question, dialect, logit }: Expectation, index: number): number {
  const expected = logit(question.query, question.documents[index] ?? '');
  return dialect.scores === 'logit' ? expected : 1 / (1 + Math.exp(-expected));
}

/** The results must be sorted, and no document with a better score may be missing. */
function faultOfOrder(expectation: Expectation, results: readonly ScoredDocument[]): string | undefined {
  const { question, dialect } = expectation;
  if (dialect.order === 'as-sent') return undefined;
  const scores = results.map(({ score }) => score);
  if (scores.some((score, at) => at > 0 && score > (scores[at - 1] ?? Infinity))) return 'not the best first';
  const returned = new Set(results.map(({ index }) => index));
  const leftOut = question.documents.map((_, index) => index).filter((index) => !returned.has(index));
  const worst = scores.at(-1) ?? -Infinity;
  const better = leftOut.some((index) => expectedScore(expectation, index) > worst + 2 * logitTolerance);
  return better ? 'a better document left out' : undefined;
}
