import type { Refused, Result } from '@rerank-fleet/contract';
import type { TextLayout } from './parse-text';

/** One column of a table, or one member of JSON objects. */
export interface DocumentColumn {
  /** From the header; null if the table has none. Then show its `position`. */
  name: string | null;
  /** Position in the table, from 0. */
  position: number;
  /** The texts that are not blank, at least one. */
  documents: string[];
  averageCharacters: number;
}

/** The content of a file. */
export type FileContent =
  /** Plain text, for `parseText(text, layout)`. */
  | { kind: 'text'; text: string; layout: TextLayout }
  /** A list of strings, and the query if the file has one. */
  | { kind: 'list'; documents: string[]; query: string | null }
  /** The user must choose a column; `suggested` is an index in `columns`. `hasHeader` is null for JSON. */
  | { kind: 'columns'; columns: DocumentColumn[]; suggested: number; hasHeader: boolean | null; query: string | null };

/** Why a file contains no documents. The page has a sentence for each reason. */
export type FileProblem =
  /** `extension` is without a dot, in lower case; '' if the name has none. */
  | { code: 'unsupported_type'; extension: string }
  | { code: 'too_large'; sizeBytes: number; limitBytes: number }
  /** The browser could not read the file: it was moved or deleted, or is a folder. */
  | { code: 'unreadable' }
  /** Neither UTF-8 nor UTF-16 with a byte order mark nor, if the user reads Chinese, GB18030. */
  | { code: 'not_unicode' }
  /** Contains zero bytes, such as an image, an archive, or a PDF with a wrong name. */
  | { code: 'binary' }
  | { code: 'empty' }
  /** `line` from 1; null if the line is not known. */
  | { code: 'invalid_json'; line: number | null }
  /** A quoted field that does not end, or continues after its closing quote; `row` from 1. */
  | { code: 'invalid_csv'; row: number }
  /** The file can be read, but has no texts where documents are expected. */
  | { code: 'no_documents' };

/** The content of a file, or why it could not be read. */
export type ParsedFile = Result<{ content: FileContent }, { problem: FileProblem }>;

/** The failed half of a {@link ParsedFile}. */
export function refused(problem: FileProblem): Refused<{ problem: FileProblem }> {
  return { ok: false, problem };
}
