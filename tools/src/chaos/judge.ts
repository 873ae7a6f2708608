import type { RawResponse } from '../raw-http/response';
import type { ClientDialect, Question, Result } from './dialects';

/**
 * What became of a request.
 *
 * - `right`: 200, and every document, score and text is what it must be.
 * - `refused`: 429 or 503 with a `Retry-After` of whole seconds, or 504 after the whole wait.
 * - `wrong`: 200 with anything else.
 * - `lost`: every other end.
 * - `twice`: more than one answer came.
 */
export type Outcome = 'right' | 'refused' | 'wrong' | 'lost' | 'twice';

/** An outcome, and what else there is to say of it. */
export interface Verdict {
  outcome: Outcome;
  /** In words, where it is not right. */
  reason?: string;
  /** When the fleet asked to come again. */
  retryAfterS?: number;
  /** Refused because the wait was over. */
  isLate?: true;
}

/** The logit of a document for a query by the model that is asked. */
export type Logit = (query: string, document: string) => number;

/** A question, how it was asked, and what the answer must be. */
export interface Trial {
  question: Question;
  dialect: ClientDialect;
  /** How long the answer may take. */
  waitMs: number;
  logit: Logit;
}

/** How far a logit may be from the one that was recorded: float sums depend on what else is in a batch. */
export const logitTolerance = 1e-4;
/** The same for a sigmoid, whose slope is 1/4 at most; and the digits that an answer drops. */
const sigmoidTolerance = logitTolerance / 4 + 1e-9;

/** Judges a whole answer that came after so long. */
export function judgeAnswer(trial: Trial, response: RawResponse, elapsedMs: number): Verdict {
  switch (response.status) {
    case 200: {
      const reason = faultOfRanking(trial, response);
      return reason === undefined ? { outcome: 'right' } : { outcome: 'wrong', reason };
    }
    case 429:
    case 503:
      return judgeRefusal(response);
    case 504:
      if (elapsedMs >= trial.waitMs) return { outcome: 'refused', isLate: true };
      return lost(`504 after ${Math.round(elapsedMs)} ms of a wait of ${trial.waitMs} ms`);
    default:
      return lost(`status ${response.status}`);
  }
}

/** The verdict on a request without a usable answer, or with one that must not be. */
export function lost(reason: string): Verdict {
  return { outcome: 'lost', reason };
}

function judgeRefusal({ status, headers }: RawResponse): Verdict {
  const retryAfter = headers.get('retry-after') ?? '';
  if (!/^[1-9]\d{0,3}$/.test(retryAfter)) return lost(`${status} with Retry-After "${retryAfter}"`);
  return { outcome: 'refused', retryAfterS: Number(retryAfter) };
}

function faultOfRanking(trial: Trial, { body }: RawResponse): string | undefined {
  const results = trial.dialect.read(parseJson(body));
  if (results === undefined) return 'an answer of another shape';
  return faultOfPlaces(trial, results) ?? faultOfResults(trial, results) ?? faultOfOrder(trial, results);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Every document once, or as many as were asked for. */
function faultOfPlaces({ question }: Trial, results: readonly Result[]): string | undefined {
  const wanted = Math.min(question.topN ?? Infinity, question.documents.length);
  if (results.length !== wanted) return `${results.length} results instead of ${wanted}`;
  const places = new Set(results.map(({ index }) => index));
  if (places.size !== results.length) return 'a document twice';
  const isPlace = ({ index }: Result) => question.documents[index] !== undefined;
  return results.every(isPlace) ? undefined : 'a document that was not sent';
}

function faultOfResults(trial: Trial, results: readonly Result[]): string | undefined {
  const { question, dialect } = trial;
  const tolerance = dialect.scores === 'logit' ? logitTolerance : sigmoidTolerance;
  for (const { index, score, text } of results) {
    const expected = expectedScore(trial, index);
    // written so that what is no number fails too
    if (!(Math.abs(score - expected) <= tolerance)) return `score ${score} instead of ${expected}`;
    const wanted = question.returnTexts ? question.documents[index] : undefined;
    if (text !== wanted) return 'a text that was not sent, or not asked for';
  }
  return undefined;
}

function expectedScore({ question, dialect, logit }: Trial, index: number): number {
  const expected = logit(question.query, question.documents[index] ?? '');
  return dialect.scores === 'logit' ? expected : 1 / (1 + Math.exp(-expected));
}

/** Best first, and none left out that is better than one that came. */
function faultOfOrder(trial: Trial, results: readonly Result[]): string | undefined {
  const { question, dialect } = trial;
  if (dialect.order === 'as-sent') return undefined;
  const scores = results.map(({ score }) => score);
  if (scores.some((score, at) => at > 0 && score > (scores[at - 1] ?? Infinity))) return 'not the best first';
  const came = new Set(results.map(({ index }) => index));
  const leftOut = question.documents.map((_, index) => index).filter((index) => !came.has(index));
  const worst = scores.at(-1) ?? -Infinity;
  const better = leftOut.some((index) => expectedScore(trial, index) > worst + 2 * logitTolerance);
  return better ? 'a better document left out' : undefined;
}
