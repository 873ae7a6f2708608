import Papa from 'papaparse';
import type { Ranking } from '../ranking/client';
import type { Grades } from '../ranking/quality';
import { rerankBody, type RankRequest } from '../ranking/request';

/** A ranking to export. */
export interface ExportedRanking {
  request: RankRequest;
  ranking: Ranking;
  grades?: Grades | undefined;
}

/** Two rankings of the same documents. */
export interface ExportedComparison {
  a: ExportedRanking;
  b: ExportedRanking;
}

export interface CsvOptions {
  /** Begin with a byte order mark. Without it, Excel does not detect UTF-8. */
  hasByteOrderMark: boolean;
}

/**
 * Texts that spreadsheets treat as formulas, also after white space. East Asian versions also accept full-width signs.
 * (papaparse's own pattern misses texts of several lines.)
 */
const formulaStart = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/;

/**
 * Results, best first, as CSV (RFC 4180). A text that a spreadsheet would treat as a formula gets an apostrophe as its
 * first character.
 */
export function toCsv(exported: ExportedRanking, options: CsvOptions): string {
  return csvOf(rowsOf(exported), options);
}

/** The results of both sides as CSV, side a first. The column `side` has the side. */
export function comparisonToCsv({ a, b }: ExportedComparison, options: CsvOptions): string {
  const sides = { a: rowsOf(a), b: rowsOf(b) };
  const rows = (['a', 'b'] as const).flatMap((side) => sides[side].map((row) => ({ side, ...row })));
  return csvOf(rows, options);
}

function rowsOf(exported: ExportedRanking) {
  const { documents } = exported.request;
  return exportedResults(exported).map((result) => ({ ...result, document: documents[result.index] ?? '' }));
}

function csvOf(rows: object[], { hasByteOrderMark }: CsvOptions): string {
  const csv = Papa.unparse(rows, { newline: '\r\n', escapeFormulae: formulaStart });
  return `${hasByteOrderMark ? Papa.BYTE_ORDER_MARK : ''}${csv}\r\n`;
}

/** Request, results and grades as JSON. The page can open the file. */
export function toJson(exported: ExportedRanking): string {
  return JSON.stringify({ ...rerankBody(exported.request), ...answerOf(exported) }, null, 2);
}

/** A comparison as JSON: common members at the top, the members of each side under `sides`. */
export function comparisonToJson({ a, b }: ExportedComparison): string {
  const { query, documents } = a.request;
  const sideOf = (exported: ExportedRanking) => {
    const { instruction } = rerankBody(exported.request);
    return { ...(instruction !== undefined && { instruction }), ...answerOf(exported) };
  };
  return JSON.stringify({ query, documents, sides: { a: sideOf(a), b: sideOf(b) } }, null, 2);
}

function answerOf(exported: ExportedRanking) {
  const { ranking } = exported;
  const { timings } = ranking;
  return {
    model: ranking.model,
    request_id: ranking.requestId,
    results: exportedResults(exported),
    total_tokens: ranking.totalTokens,
    timings: timings && {
      queue_ms: timings.queueMs,
      tokenization_ms: timings.tokenizationMs,
      inference_ms: timings.inferenceMs,
      total_ms: timings.totalMs,
    },
  };
}

function exportedResults({ ranking, grades }: ExportedRanking) {
  const keptTokens = new Map(ranking.truncated.map((each) => [each.index, each.keptTokens]));
  return ranking.results.map(({ index, score, logit, tokens }, position) => ({
    rank: position + 1,
    index,
    score,
    logit,
    tokens,
    kept_tokens: keptTokens.get(index) ?? null,
    grade: grades?.get(index) ?? null,
  }));
}
