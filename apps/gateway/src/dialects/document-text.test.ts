import type { JsonObject } from '../http/json-object';
import { documentTexts } from './document-text';

const textOf = (document: string | JsonObject, rankFields: string[], maxCharacters = 1_000) =>
  [...documentTexts([document], { rankFields, maxCharacters })][0];

describe('the text of a document', () => {
  const rows: [what: string, document: string | JsonObject, fields: string[], expected: string][] = [
    ['a string', 'a', [], 'a'],
    ['a string, whatever the fields', 'a', ['text'], 'a'],
    ['the text of an object', { text: 'a', id: 1 }, [], 'a'],
    ['the JSON of an object without text', { id: 1, title: 'b' }, [], '{"id":1,"title":"b"}'],
    ['the JSON of an object whose text is none', { text: 5 }, [], '{"text":5}'],
    ['the fields in the order of the call', { a: '1', b: '2' }, ['b', 'a'], '2\n1'],
    ['only the fields that exist', { a: '1', c: null }, ['a', 'b', 'c'], '1'],
    ['the text when no field exists', { text: 'a' }, ['title'], 'a'],
    ['a field that is no string, as JSON', { a: 5, b: ['x'] }, ['a', 'b'], '5\n["x"]'],
    ['a field that is named several times, once', { a: '1', b: '2' }, ['a', 'b', 'a', 'a'], '1\n2'],
    ['no inherited member', { x: 'a' }, ['toString', '__proto__', 'constructor'], '{"x":"a"}'],
  ];
  test.each(rows.map(([what, ...row]) => ({ what, row })))('ranks $what', ({ row: [document, fields, expected] }) => {
    expect(textOf(document, fields)).toBe(expected);
  });

  test('reads a `__proto__` of the body as a plain field', () => {
    expect(textOf(JSON.parse('{"__proto__":"a"}') as never, ['__proto__'])).toBe('a');
  });
});
