import { type DocumentColumn, type ParsedFile, refused } from './file-content';

/** Common column names for texts; the first one present is used. */
const textNames = ['text', 'content', 'document', 'passage', 'body', '文本', '内容', '正文', '文档', '段落'];

/** A column with its blank cells. */
export interface RawColumn {
  name: string | null;
  cells: readonly string[];
}

/** Whether a name is a common header of a column with texts. */
export function isTextName(name: string | null): name is string {
  return name !== null && textNames.includes(name.trim().toLowerCase());
}

/** The columns to choose from. The suggested one is found by its name, otherwise by the longest texts. */
export function columnsContent(
  raw: readonly RawColumn[],
  { hasHeader, query }: { hasHeader: boolean | null; query: string | null },
): ParsedFile {
  const columns = raw.map(toColumn).filter(({ documents }) => documents.length > 0);
  if (columns.length === 0) return refused({ code: 'no_documents' });
  return { ok: true, content: { kind: 'columns', columns, suggested: suggestedPosition(columns), hasHeader, query } };
}

function toColumn({ name, cells }: RawColumn, position: number): DocumentColumn {
  const documents = cells.filter((cell) => cell.trim() !== '');
  const characters = documents.reduce((sum, { length }) => sum + length, 0);
  return { name, position, documents, averageCharacters: characters / Math.max(1, documents.length) };
}

function suggestedPosition(columns: readonly DocumentColumn[]): number {
  const names = columns.map(({ name }) => name?.trim().toLowerCase());
  const named = textNames.map((name) => names.indexOf(name)).find((position) => position !== -1);
  if (named !== undefined) return named;
  const averages = columns.map(({ averageCharacters }) => averageCharacters);
  return averages.reduce((best, average, position) => (average > (averages[best] ?? 0) ? position : best), 0);
}
