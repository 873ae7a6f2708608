import type { Refused, Result } from '@rerank-fleet/contract';
import type { TextLayout } from './parse-text';

/** One column of a table, or one member of JSON objects. */
export interface DocumentColumn {
  /** From the header; null where the table has none: show its `place`. */
  name: string | null;
  /** Place in the table, from 0. */
  place: number;
  /** The texts that are not blank, at least one. */
  documents: string[];
  averageCharacters: number;
}

/** What a file holds. */
export type FileContent =
  /** Plain text, for `parseText(text, layout)`. */
  | { kind: 'text'; text: string; layout: TextLayout }
  /** A list of strings, and the query where the file has one too. */
  | { kind: 'list'; documents: string[]; query: string | null }
  /** The user chooses a column; `suggested` is the place in `columns` of the likeliest. `hasHeader`: null for JSON. */
  | { kind: 'columns'; columns: DocumentColumn[]; suggested: number; hasHeader: boolean | null; query: string | null };

/** Why a file gives no documents. The page has a sentence for each. */
export type FileProblem =
  /** `extension` without a dot, in lower case; '' when the name has none. */
  | { code: 'unsupported_type'; extension: string }
  | { code: 'too_large'; sizeBytes: number; limitBytes: number }
  /** The browser could not read it: moved, deleted or a folder. */
  | { code: 'unreadable' }
  /** Neither UTF-8 nor UTF-16 with a byte order mark, nor, for a reader of Chinese, GB18030. */
  | { code: 'not_unicode' }
  /** Has zero bytes: an image, an archive, a PDF under a wrong name. */
  | { code: 'binary' }
  | { code: 'empty' }
  /** `line` from 1; null where the place is not known. */
  | { code: 'invalid_json'; line: number | null }
  /** A quoted field that does not end, or goes on after its quote; `row` from 1. */
  | { code: 'invalid_csv'; row: number }
  /** Can be read, but has no texts where documents are expected. */
  | { code: 'no_documents' };

/** A file that was read, or why not. */
export type ParsedFile = Result<{ content: FileContent }, { problem: FileProblem }>;

/** The failed half of a {@link ParsedFile}. */
export function refused(problem: FileProblem): Refused<{ problem: FileProblem }> {
  return { ok: false, problem };
}
