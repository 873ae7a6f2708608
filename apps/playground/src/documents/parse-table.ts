import Papa from 'papaparse';
import { columnsContent, isTextName, type RawColumn } from './columns';
import { type ParsedFile, refused } from './file-content';

/** Options of {@link parseTable}. */
export interface TableOptions {
  /** '': detect it. */
  delimiter: '' | '\t';
  /** Whether the first row is the header; undefined: detect it. */
  hasHeader?: boolean | undefined;
}

/** Longest label of a header. A longer text is a document. */
const headerMaxCharacters = 60;

/** Parses CSV or TSV (RFC 4180, and comma, semicolon or tab between fields). Blank rows are left out. */
export function parseTable(text: string, { delimiter, hasHeader }: TableOptions): ParsedFile {
  // A file with mixed line breaks would otherwise keep some of them in its fields.
  const { data: rows, errors } = Papa.parse<string[]>(text.replace(/\r\n?/g, '\n'), {
    delimiter,
    delimitersToGuess: [',', ';', '\t'],
    newline: '\n',
    skipEmptyLines: 'greedy',
  });
  const quoteError = errors.find(({ type }) => type === 'Quotes');
  if (quoteError) return refused({ code: 'invalid_csv', row: (quoteError.row ?? 0) + 1 });
  const [first = [], ...rest] = rows;
  const isHeader = hasHeader ?? looksLikeHeader(first, rest);
  const columns = columnsOf(isHeader ? first : null, isHeader ? rest : rows);
  return columnsContent(columns, { hasHeader: isHeader, query: null });
}

function columnsOf(header: readonly string[] | null, rows: readonly string[][]): RawColumn[] {
  const columns: { name: string | null; cells: string[] }[] = [];
  for (const row of rows) {
    row.forEach((cell, position) => {
      const column = (columns[position] ??= { name: header?.[position] || null, cells: [] });
      column.cells.push(cell);
    });
  }
  return columns;
}

/**
 * Whether the first row is a header. Its labels are short and distinct, none is a number, and it differs from the other
 * rows: by a well-known name, by numbers below it, or by much shorter texts.
 */
function looksLikeHeader(first: readonly string[], rest: readonly string[][]): boolean {
  if (rest.length === 0) return false;
  const labels = first.map((cell) => cell.trim());
  const areLabels = labels.every((label) => label !== '' && label.length <= headerMaxCharacters && !isNumber(label));
  if (!areLabels || new Set(labels).size < labels.length) return false;
  return (
    labels.some(isTextName) ||
    labels.some((_, position) => rest.every((row) => isNumber(row[position] ?? ''))) ||
    averageLength(rest.flat()) >= 2 * averageLength(labels)
  );
}

function isNumber(cell: string): boolean {
  return cell.trim() !== '' && Number.isFinite(Number(cell));
}

function averageLength(cells: readonly string[]): number {
  return cells.reduce((sum, { length }) => sum + length, 0) / Math.max(1, cells.length);
}
