import { isObject, parseJson } from '../ranking/read-json';
import { columnsContent, type RawColumn } from './columns';
import { type ParsedFile, refused } from './file-content';

/** Members that contain the documents in request bodies of the gateway's dialects. */
const listNames = ['documents', 'texts', 'passages'];

/** Parses a list of strings or objects, or an object that has one as `documents`, `texts` or `passages`. */
export function parseJsonFile(text: string): ParsedFile {
  const value = parseJson(text);
  if (value === undefined) return refused({ code: 'invalid_json', line: null });
  if (Array.isArray(value)) return contentOf(value, null);
  if (!isObject(value)) return refused({ code: 'no_documents' });
  const list = listNames.map((name) => value[name]).find((member) => Array.isArray(member));
  return list === undefined ? refused({ code: 'no_documents' }) : contentOf(list, textOf(value['query']));
}

/** Parses one JSON value per line; blank lines are left out. */
export function parseJsonLines(text: string): ParsedFile {
  const lines = text.split(/\r\n|\r|\n/);
  const values = lines.map((line) => (line.trim() === '' ? null : { value: parseJson(line) }));
  const invalid = values.findIndex((line) => line !== null && line.value === undefined);
  if (invalid !== -1) return refused({ code: 'invalid_json', line: invalid + 1 });
  const elements = values.flatMap((line) => (line === null ? [] : [line.value]));
  return contentOf(elements, null);
}

/** Elements are strings or objects. A string among objects is treated as an object with `text`. */
function contentOf(elements: readonly unknown[], query: string | null): ParsedFile {
  const strings = elements.filter((element) => typeof element === 'string');
  if (strings.length < elements.length) return columnsContent(membersOf(elements), { hasHeader: null, query });
  const documents = strings.filter((document) => document.trim() !== '');
  return documents.length === 0
    ? refused({ code: 'no_documents' })
    : { ok: true, content: { kind: 'list', documents, query } };
}

/** The members that are strings, in the order of their first occurrence. */
function membersOf(elements: readonly unknown[]): RawColumn[] {
  const columns = new Map<string, string[]>();
  for (const element of elements) {
    for (const [name, value] of Object.entries(asObject(element))) {
      if (typeof value !== 'string') continue;
      const cells = columns.get(name);
      if (cells) cells.push(value);
      else columns.set(name, [value]);
    }
  }
  return [...columns].map(([name, cells]) => ({ name, cells }));
}

function asObject(element: unknown): Readonly<Record<string, unknown>> {
  if (typeof element === 'string') return { text: element };
  return isObject(element) ? element : {};
}

function textOf(query: unknown): string | null {
  const text = isObject(query) ? query['text'] : query;
  return typeof text === 'string' ? text : null;
}
