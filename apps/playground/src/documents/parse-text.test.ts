import fc from 'fast-check';
import { detectLayout, formatText, parseText } from './parse-text';

describe('one per line', () => {
  test('blank lines and white space at the end are left out, indents stay', () => {
    expect(parseText('a  \r\n\r\n \t\n  b\rc\n', 'lines')).toEqual(['a', '  b', 'c']);
  });

  test('a text without documents has none', () => {
    expect([parseText('', 'lines'), parseText(' \n\r\n　', 'lines'), parseText('\n \n', 'blocks')]).toEqual([
      [],
      [],
      [],
    ]);
  });
});

describe('blocks', () => {
  test('end at blank lines and keep their own line breaks', () => {
    expect(parseText('\n\ndef f():  \r\n  return 1 \r\n \t\r\n\r\n第二段\r\n', 'blocks')).toEqual([
      'def f():  \n  return 1',
      '第二段',
    ]);
  });

  test.each([
    ['paragraphs of several lines', 'a\nb\n\nc', 'blocks'],
    ['one line each, with blank lines between', 'a\n\nb\n\nc', 'lines'],
    ['lines', 'a\nb\nc', 'lines'],
    ['lines with blank ones around', '\n\na\nb\n\n', 'lines'],
    ['nothing', '', 'lines'],
  ])('are proposed or not for %s', (_, text, layout) => {
    expect(detectLayout(text)).toBe(layout);
  });
});

describe('documents as text', () => {
  test.each([
    ['single lines', ['a', ' b'], { text: 'a\n b', layout: 'lines', isExact: true }],
    ['several lines', ['a\nb', 'c'], { text: 'a\nb\n\nc', layout: 'blocks', isExact: true }],
    ['a blank line within one', ['a\n\nb'], { text: 'a\n\nb', layout: 'blocks', isExact: false }],
    ['a blank document', ['a', ' '], { text: 'a\n ', layout: 'lines', isExact: false }],
    ['white space at an end', ['a '], { text: 'a ', layout: 'lines', isExact: false }],
    ['other line breaks', ['a\r\nb'], { text: 'a\r\nb', layout: 'blocks', isExact: false }],
    ['none', [], { text: '', layout: 'lines', isExact: true }],
  ])('%s', (_, documents, formatted) => {
    expect(formatText(documents)).toEqual(formatted);
  });

  test('what was read from a text is the same after writing and reading it', () => {
    const text = fc.array(fc.constantFrom('a', ' ', '\t', '\n', '\n', '\r', '文', '😀')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.constantFrom('lines' as const, 'blocks' as const), (typed, layout) => {
        const documents = parseText(typed, layout);
        const { text: written, layout: proposed, isExact } = formatText(documents);
        expect(isExact).toBe(true);
        expect(parseText(written, proposed)).toEqual(documents);
      }),
    );
  });
});
