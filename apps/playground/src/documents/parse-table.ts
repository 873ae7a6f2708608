import Papa from 'papaparse';
import { columnsContent, isTextName, type RawColumn } from './columns';
import { type ParsedFile, refused } from './file-content';

/** How a table is read. */
export interface TableOptions {
  /** '' finds it out. */
  delimiter: '' | '\t';
  /** Whether the first row is the header; undefined finds it out. */
  hasHeader?: boolean | undefined;
}

/** A header is a label: what is longer is a document. */
const headerMaxCharacters = 60;

/** Parses CSV or TSV (RFC 4180, and comma, semicolon or tab between fields). Blank rows are left out. */
export function parseTable(text: string, { delimiter, hasHeader }: TableOptions): ParsedFile {
  // one kind of line break, as a file that mixes them would keep some in its fields
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
    row.forEach((cell, place) => {
      const column = (columns[place] ??= { name: header?.[place] || null, cells: [] });
      column.cells.push(cell);
    });
  }
  return columns;
}

/**
 * A header has different short labels, none of them a number, and differs from what is below: by a well-known name, by
 * numbers below, or by being much shorter.
 */
function looksLikeHeader(first: readonly string[], rest: readonly string[][]): boolean {
  if (rest.length === 0) return false;
  const labels = first.map((cell) => cell.trim());
  const areLabels = labels.every((label) => label !== '' && label.length <= headerMaxCharacters && !isNumber(label));
  if (!areLabels || new Set(labels).size < labels.length) return false;
  return (
    labels.some(isTextName) ||
    labels.some((_, place) => rest.every((row) => isNumber(row[place] ?? ''))) ||
    averageLength(rest.flat()) >= 2 * averageLength(labels)
  );
}

function isNumber(cell: string): boolean {
  return cell.trim() !== '' && Number.isFinite(Number(cell));
}

function averageLength(cells: readonly string[]): number {
  return cells.reduce((sum, { length }) => sum + length, 0) / Math.max(1, cells.length);
}
