import { type ParsedFile, refused } from './file-content';
import { parseJsonFile, parseJsonLines } from './parse-json';
import { parseTable } from './parse-table';
import { detectLayout } from './parse-text';

export type { DocumentColumn, FileContent, ParsedFile } from './file-content';

/** Supported extensions, for a file dialog's `accept`. */
export const fileExtensions = ['txt', 'md', 'csv', 'tsv', 'json', 'jsonl', 'ndjson'] as const;

type FileExtension = (typeof fileExtensions)[number];

export interface ParseOptions {
  /** Whether the first row of a table is its header; undefined: detect it. */
  hasHeader?: boolean | undefined;
}

/** Parses the text of a file by the extension of its name. */
export function parseFile({ name, text }: { name: string; text: string }, options: ParseOptions = {}): ParsedFile {
  const extension = /\.([^.]*)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  if (!isReadable(extension)) return refused({ code: 'unsupported_type', extension });
  if (text.trim() === '') return refused({ code: 'empty' });
  switch (extension) {
    case 'txt':
    case 'md':
      return { ok: true, content: { kind: 'text', text, layout: detectLayout(text) } };
    case 'csv':
      return parseTable(text, { ...options, delimiter: '' });
    case 'tsv':
      return parseTable(text, { ...options, delimiter: '\t' });
    case 'json':
      return parseJsonFile(text);
    case 'jsonl':
    case 'ndjson':
      return parseJsonLines(text);
    default:
      return extension satisfies never;
  }
}

function isReadable(extension: string): extension is FileExtension {
  return fileExtensions.some((each) => each === extension);
}
