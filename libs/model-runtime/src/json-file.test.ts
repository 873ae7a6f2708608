import { parseJsonFile } from './json-file';

const parse = (text: string) => parseJsonFile(Buffer.from(text));

test.each<[string, string, unknown]>([
  ['plain', '{"a":[1,"x",null]}', { a: [1, 'x', null] }],
  ['with a byte order mark', '\ufeff{"a":1}', { a: 1 }],
  [
    'with numbers as Python writes them',
    '{"a":NaN,"b":[Infinity,-Infinity],"c":1}',
    { a: NaN, b: [Infinity, -Infinity], c: 1 },
  ],
  ['with these names in strings', '{"NaN":"NaN","b":"\\"Infinity","c":NaN}', { NaN: 'NaN', b: '"Infinity', c: NaN }],
  ['with both', '\ufeff[NaN]', [NaN]],
  ['of one value', ' null ', null],
])('reads a file %s', (_name, text, json) => expect(parse(text)).toEqual({ ok: true, json }));

test.each([
  ['without content', '', 'is empty: download it again'],
  ['of white space', ' \n', 'is empty: download it again'],
  ['of a byte order mark', '\ufeff', 'is empty: download it again'],
  ['that is cut short', '{"secret":"x', 'is not complete JSON: download it again'],
  ['that is cut short after a NaN', '{"a":NaN,"b', 'is not complete JSON: download it again'],
  ['with another name of a number', '{"a":nan}', 'is not complete JSON: download it again'],
])('reports the problem of a file %s', (_name, text, reason) => expect(parse(text)).toEqual({ ok: false, reason }));

test.each(['utf16le', 'latin1'] as const)('reports that a file is written in %s', (encoding) => {
  const bytes = Buffer.from('\u00ff\u00fe{"name":"Gr\u00f6\u00dfe"}', encoding);
  expect(parseJsonFile(bytes)).toEqual({ ok: false, reason: 'is not UTF-8 text: save it as UTF-8' });
});

test('reads long strings', () => {
  const text = 'x\\"'.repeat(300_000);
  expect(parse(`{"table":"${text}","a":NaN}`)).toMatchObject({ ok: true, json: { a: NaN } });
});
