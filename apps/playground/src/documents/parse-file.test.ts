import fc from 'fast-check';
import Papa from 'papaparse';
import { type FileContent, fileExtensions, parseFile, type ParsedFile } from './parse-file';
import { parseText } from './parse-text';

const parsed = (name: string, text: string) => parseFile({ name, text });

/** Columns as `name: documents`, the suggested one marked. */
function columnsIn(file: ParsedFile): Record<string, string[]> {
  if (!file.ok || file.content.kind !== 'columns') throw new Error('not a file with columns');
  const { columns, suggested } = file.content;
  return Object.fromEntries(
    columns.map(({ name, position, documents }, at) => [
      `${name ?? position}${at === suggested ? '*' : ''}`,
      documents,
    ]),
  );
}

describe('plain text', () => {
  test('is lines or blocks, whichever fits', () => {
    expect(parsed('a.TXT', 'one\r\ntwo\n')).toEqual({
      ok: true,
      content: { kind: 'text', text: 'one\r\ntwo\n', layout: 'lines' },
    });
    expect(parsed('notes.2026.md', '# one\ntext\n\n# two')).toMatchObject({
      content: { layout: 'blocks' },
    });
  });
});

describe('a table', () => {
  test('has a column of documents for each field, under its header', () => {
    const file = parsed('a.csv', 'id,text\r\n1,"with, comma"\r\n2,"of ""two""\r\nlines"\r\n\r\n3,\r\n');
    expect(columnsIn(file)).toEqual({ id: ['1', '2', '3'], 'text*': ['with, comma', 'of "two"\nlines'] });
    expect(file).toMatchObject({ content: { hasHeader: true, query: null } });
  });

  test('tells the average length of what is there', () => {
    expect(parsed('a.csv', 'id,text\n1,abcd\n2,\n3,ab')).toMatchObject({
      content: { columns: [{ averageCharacters: 1 }, { averageCharacters: 3 }] },
    });
  });

  test.each([
    ['semicolons', 'a.csv', 'name;text\nx;one, two\ny;three'],
    ['tabs in .csv', 'a.csv', 'name\ttext\nx\tone, two\ny\tthree'],
    ['tabs in .tsv', 'a.tsv', 'name\ttext\nx\tone, two\ny\tthree'],
  ])('may have %s between fields', (_, name, text) => {
    expect(columnsIn(parsed(name, text))).toEqual({ name: ['x', 'y'], 'text*': ['one, two', 'three'] });
  });

  test('mixes line breaks without keeping them in fields', () => {
    expect(columnsIn(parsed('a.csv', 'id,text\r\n1,one\n2,two\r3,three'))).toEqual({
      id: ['1', '2', '3'],
      'text*': ['one', 'two', 'three'],
    });
  });

  test('of one column is a list of its fields', () => {
    expect(columnsIn(parsed('a.csv', 'passage\nfirst\nsecond'))).toEqual({ 'passage*': ['first', 'second'] });
  });

  test('has no other signs between its fields', () => {
    expect(columnsIn(parsed('a.csv', 'one | two\nthree | four'))).toEqual({ '0*': ['one | two', 'three | four'] });
  });

  test.each([
    ['numbers below a label', 'year,note\n1999,abc\n2001,def', true],
    ['much longer texts below labels', 'note,more\na rather long sentence,another long sentence', true],
    ['a number in the first row', '1,a long enough text\n2,another long enough text', false],
    ['a repeated label', 'a,a\nlong enough text,long enough text', false],
    ['an empty label', 'a,\nlong enough text,long enough text', false],
    ['a label as long as a document', `${'x'.repeat(61)},y\n${'z'.repeat(200)},z`, false],
    ['texts like those below', 'red apple,green pear\nblue plum,black cherry', false],
    ['one row only', 'text,content', false],
  ])('has a header or not: %s', (_, text, hasHeader) => {
    expect(parsed('a.csv', text)).toMatchObject({ ok: true, content: { hasHeader } });
  });

  test('takes the word of the user for its header', () => {
    const text = 'red apple,green pear\nblue plum,black cherry';
    expect(columnsIn(parseFile({ name: 'a.csv', text }, { hasHeader: true }))).toEqual({
      'red apple': ['blue plum'],
      'green pear*': ['black cherry'],
    });
    expect(columnsIn(parseFile({ name: 'a.csv', text: 'id,text\n1,x' }, { hasHeader: false }))).toEqual({
      0: ['id', '1'],
      '1*': ['text', 'x'],
    });
  });

  test.each([
    ['the best known name', 'title,content,text\naaaaaaaa,bbbbbbbbb,c', 'text'],
    ['a name in other letters', 'Title, Passage \naaaaaaaa,c', ' Passage '],
    ['a Chinese name', '标题,内容\n很长很长很长很长的标题,短', '内容'],
    ['the longest texts', 'name,notes,id\nab,abcdef,123', 'notes'],
  ])('suggests the column with %s', (_, text, suggested) => {
    expect(Object.keys(columnsIn(parsed('a.csv', text)))).toContain(`${suggested}*`);
  });

  test('leaves out a column of blanks', () => {
    expect(columnsIn(parsed('a.csv', 'id,empty,text\n1, ,x\n2,,y'))).toEqual({ id: ['1', '2'], 'text*': ['x', 'y'] });
  });

  test('may have rows of different lengths', () => {
    expect(columnsIn(parsed('a.csv', 'id,text\n1\n2,x,more'))).toEqual({ id: ['1', '2'], 'text*': ['x'], 2: ['more'] });
  });

  test.each([
    ['does not end', 'id,text\n1,fine\n2,"open'],
    ['goes on after its quote', 'id,text\n1,fine\n2,"closed" and on'],
  ])('with a quote that %s is refused', (_, text) => {
    expect(parsed('a.csv', text)).toEqual({ ok: false, problem: { code: 'invalid_csv', row: 3 } });
  });

  test('gives back what was written', () => {
    const cell = fc
      .array(fc.constantFrom('a', '"', ',', ';', '\n', ' x', '文', '😀'))
      .map((parts) => `d${parts.join('')}`);
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
        const text = Papa.unparse({ fields: ['id', 'text'], data: rows });
        const file = parseFile({ name: 'a.csv', text }, { hasHeader: true });
        expect(columnsIn(file)).toEqual({ id: rows.map(([one]) => one), 'text*': rows.map(([, two]) => two) });
      }),
    );
  });
});

describe('JSON', () => {
  test('is a list of strings', () => {
    expect(parsed('a.json', '["one", " ", "two "]')).toEqual({
      ok: true,
      content: { kind: 'list', documents: ['one', 'two '], query: null },
    });
  });

  test('is a list of objects, of which one member counts', () => {
    const file = parsed('a.json', '[{"id": 1, "title": "T", "body": "long"}, {"title": "U", "body": ""}]');
    expect(columnsIn(file)).toEqual({ title: ['T', 'U'], 'body*': ['long'] });
    expect(file).toMatchObject({ content: { hasHeader: null } });
  });

  test('mixes strings and objects with a text', () => {
    expect(columnsIn(parsed('a.json', '["one", {"text": "two"}]'))).toEqual({ 'text*': ['one', 'two'] });
  });

  test.each(['documents', 'texts', 'passages'])('is a request with %s', (name) => {
    expect(parsed('a.json', JSON.stringify({ query: 'q', [name]: ['one'] }))).toEqual({
      ok: true,
      content: { kind: 'list', documents: ['one'], query: 'q' },
    });
  });

  test("is NVIDIA's request, whose texts are objects", () => {
    expect(parsed('a.json', '{"query": {"text": "q"}, "passages": [{"text": "one"}]}')).toMatchObject({
      ok: true,
      content: { kind: 'columns', query: 'q', columns: [{ name: 'text', documents: ['one'] }] },
    });
  });

  test('has members of any name', () => {
    expect(columnsIn(parsed('a.json', '[{"__proto__": "x", "constructor": "yy"}]'))).toMatchObject({
      'constructor*': ['yy'],
    });
  });

  test.each(['{', 'no json', '[1,]'])('that is broken is refused: %s', (text) => {
    expect(parsed('a.json', text)).toEqual({ ok: false, problem: { code: 'invalid_json', line: null } });
  });

  test.each([
    '1',
    'null',
    '{}',
    '[]',
    '[1, 2]',
    '[[], {}]',
    '[" "]',
    '{"documents": "x"}',
    '{"documents": []}',
    '[null]',
  ])('without documents is refused: %s', (text) => {
    expect(parsed('a.json', text)).toEqual({ ok: false, problem: { code: 'no_documents' } });
  });
});

describe('JSON lines', () => {
  test('are strings or objects, blank lines left out', () => {
    expect(parsed('a.jsonl', '"one"\r\n\n"two"\n')).toMatchObject({ content: { documents: ['one', 'two'] } });
    expect(columnsIn(parsed('a.ndjson', '{"text": "one"}\n{"text": "two"}'))).toEqual({ 'text*': ['one', 'two'] });
  });

  test('name the line that is broken', () => {
    expect(parsed('a.jsonl', '"one"\n\n{"text": \n"two"')).toEqual({
      ok: false,
      problem: { code: 'invalid_json', line: 3 },
    });
  });

  test('without documents are refused', () => {
    expect(parsed('a.jsonl', '1\n2')).toEqual({ ok: false, problem: { code: 'no_documents' } });
  });
});

describe('a file', () => {
  test.each([
    ['a.pdf', 'pdf'],
    ['a.JPG', 'jpg'],
    ['README', ''],
    ['.', ''],
    ['a.constructor', 'constructor'],
  ])('of another type is refused: %s', (name, extension) => {
    expect(parsed(name, 'text')).toEqual({ ok: false, problem: { code: 'unsupported_type', extension } });
  });

  test.each(fileExtensions)('without text is empty: .%s', (extension) => {
    expect(parsed(`a.${extension}`, ' \r\n')).toEqual({ ok: false, problem: { code: 'empty' } });
  });

  /** Each list of documents that a file offers. */
  const listsOf = (content: FileContent): string[][] => {
    switch (content.kind) {
      case 'text':
        return [parseText(content.text, content.layout)];
      case 'list':
        return [content.documents];
      case 'columns':
        return content.columns.map(({ documents }) => documents);
    }
  };

  test('of any text gives documents or a problem', () => {
    const piece = fc.constantFrom(
      '"',
      ',',
      '\t',
      ';',
      '\n',
      '\r',
      '[',
      ']',
      '{',
      '}',
      ':',
      'text',
      '1',
      ' ',
      '文',
      '\u2028',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(fc.constantFrom(...fileExtensions), text, (extension, content) => {
        const file = parsed(`a.${extension}`, content);
        if (!file.ok) return expect(file.problem.code).toMatch(/^(empty|invalid_csv|invalid_json|no_documents)$/);
        for (const documents of listsOf(file.content)) {
          expect(documents.length).toBeGreaterThan(0);
          expect(documents.filter((document) => document.trim() === '')).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });
});
