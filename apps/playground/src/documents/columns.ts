import { type DocumentColumn, type ParsedFile, refused } from './file-content';

/** What people call the texts of a data set; the first that is there counts. */
const textNames = ['text', 'content', 'document', 'passage', 'body', '文本', '内容', '正文', '文档', '段落'];

/** A column before its blank cells are left out. */
export interface RawColumn {
  name: string | null;
  cells: readonly string[];
}

/** True for what the header of a column with texts is called. */
export function isTextName(name: string | null): name is string {
  return name !== null && textNames.includes(name.trim().toLowerCase());
}

/** The columns to choose from, of which one is suggested: by its name, else the one with the longest texts. */
export function columnsContent(
  raw: readonly RawColumn[],
  { hasHeader, query }: { hasHeader: boolean | null; query: string | null },
): ParsedFile {
  const columns = raw.map(toColumn).filter(({ documents }) => documents.length > 0);
  if (columns.length === 0) return refused({ code: 'no_documents' });
  return { ok: true, content: { kind: 'columns', columns, suggested: suggestedPlace(columns), hasHeader, query } };
}

function toColumn({ name, cells }: RawColumn, place: number): DocumentColumn {
  const documents = cells.filter((cell) => cell.trim() !== '');
  const characters = documents.reduce((sum, { length }) => sum + length, 0);
  return { name, place, documents, averageCharacters: characters / Math.max(1, documents.length) };
}

function suggestedPlace(columns: readonly DocumentColumn[]): number {
  const names = columns.map(({ name }) => name?.trim().toLowerCase());
  const named = textNames.map((name) => names.indexOf(name)).find((place) => place !== -1);
  if (named !== undefined) return named;
  const averages = columns.map(({ averageCharacters }) => averageCharacters);
  return averages.reduce((best, average, place) => (average > (averages[best] ?? 0) ? place : best), 0);
}
