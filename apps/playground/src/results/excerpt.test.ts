import { excerpt, wholeText } from './excerpt';

const textOf = ({ parts }: ReturnType<typeof excerpt>, kind: 'read' | 'notRead') =>
  parts.map((part) => (part.kind === kind ? part.text : '')).join('');
const kinds = ({ parts }: ReturnType<typeof excerpt>) => parts.map(({ kind }) => kind);
const words = (count: number) => Array.from({ length: count }, (_, index) => `word${index}`).join(' ');

describe('the excerpt of a text', () => {
  test('is all of a short one', () => {
    expect(excerpt('short', null)).toEqual({ parts: [{ kind: 'read', text: 'short' }], isShortened: false });
  });

  test('is the start of a long one, up to the end of a word', () => {
    const text = words(200);
    const { parts, isShortened } = excerpt(text, null);
    expect(isShortened).toBe(true);
    expect(kinds({ parts, isShortened })).toEqual(['read', 'gap']);
    const start = textOf({ parts, isShortened }, 'read');
    expect(text.startsWith(`${start} `)).toBe(true);
  });

  test('shows the position where the model stopped, with what it read before and did not after', () => {
    const text = words(400);
    const shown = excerpt(text, 1_500);
    expect(kinds(shown)).toEqual(['read', 'gap', 'read', 'notRead', 'gap']);
    const [, , before, after] = shown.parts;
    expect(before?.kind === 'read' && text.slice(0, 1_500).endsWith(before.text)).toBe(true);
    expect(after?.kind === 'notRead' && text.slice(1_500).startsWith(after.text)).toBe(true);
  });

  test('of a text that was cut early leaves nothing of the read part out', () => {
    const shown = excerpt(words(100), 50);
    expect(kinds(shown)).toEqual(['read', 'notRead', 'gap']);
    expect(textOf(shown, 'read')).toBe(words(100).slice(0, 50));
  });

  test('never takes a character apart', () => {
    const shown = excerpt('😀'.repeat(400), 501);
    for (const part of shown.parts) {
      // throws at half of a surrogate pair
      if (part.kind !== 'gap') expect(() => encodeURIComponent(part.text)).not.toThrow();
    }
  });

  test('of a script without spaces is as long as one with them', () => {
    expect(textOf(excerpt('字'.repeat(900), null), 'read')).toHaveLength(360);
  });
});

test('the whole text is its read and its unread part', () => {
  expect(wholeText('abcdef', 4).parts).toEqual([
    { kind: 'read', text: 'abcd' },
    { kind: 'notRead', text: 'ef' },
  ]);
  expect(wholeText('abcdef', null).parts).toEqual([{ kind: 'read', text: 'abcdef' }]);
});
