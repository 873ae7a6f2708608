import fc from 'fast-check';
import { isBlank } from './blank-text';

const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** Code points that show nothing, by kind; taken from the charts of Unicode, not from its properties. */
const invisible: Record<string, number[]> = {
  'white space': [
    ...span(0x9, 0xd),
    0x20,
    0x85,
    0xa0,
    0x1680,
    ...span(0x2000, 0x200a),
    0x2028,
    0x2029,
    0x202f,
    0x205f,
    0x3000,
  ],
  'control characters': [...span(0x0, 0x1f), ...span(0x7f, 0x9f)],
  'zero-width characters': [0x200b, 0x200c, 0x200d, 0x2060, 0xfeff],
  'soft hyphen, grapheme joiner': [0xad, 0x34f],
  'bidi controls': [0x61c, 0x200e, 0x200f, ...span(0x202a, 0x202e), ...span(0x2066, 0x2069)],
  'invisible operators and deprecated format characters': [...span(0x2061, 0x2064), ...span(0x206a, 0x206f)],
  'variation selectors': [...span(0x180b, 0x180f), ...span(0xfe00, 0xfe0f), ...span(0xe0100, 0xe01ef)],
  tags: [0xe0001, ...span(0xe0020, 0xe007f)],
  'Hangul fillers': [0x115f, 0x1160, 0x3164, 0xffa0],
  'inherent vowels of Khmer': [0x17b4, 0x17b5],
  'interlinear annotation': [0xfff9, 0xfffa, 0xfffb],
  'shorthand and musical format characters': [...span(0x1bca0, 0x1bca3), ...span(0x1d173, 0x1d17a)],
  'controls of hieroglyphs': span(0x13430, 0x1343f),
  'a Braille cell without dots, a note without head, the place of an object': [0x2800, 0x1d159, 0xfffc],
  'code points that are never characters': [0xfffe, 0xffff, ...span(0xfdd0, 0xfdef), 0x10ffff],
};

const invisibleText = fc
  .array(fc.constantFrom(...Object.values(invisible).flat(), 0xd800, 0xdc00), { maxLength: 20 })
  .map((points) => points.map((point) => String.fromCodePoint(point)).join(''))
  // two halves beside each other are a whole
  .filter((text) => !/[\u{10000}-\u{100ff}]/u.test(text));

test.each(Object.keys(invisible))('%s are blank, one by one', (kind) => {
  const showing = (invisible[kind] ?? []).filter((point) => !isBlank(String.fromCodePoint(point)));
  expect(showing.map((point) => point.toString(16))).toEqual([]);
});

test.each([
  ['nothing at all', ''],
  ['half of a surrogate pair', '\ud83d'],
  ['joiners and selectors without the emoji that they belong to', '\u200d\ufe0f\u200d'],
])('%s is blank', (_what, text) => expect(isBlank(text)).toBe(true));

test.each([
  ['a letter', 'a'],
  ['a sign', '.'],
  ['a digit between spaces', ' 7\n'],
  ['a character of Chinese', '文'],
  ['an emoji', '😀'],
  ['an emoji of several joined by zero-width joiners', '👩\u200d💻'],
  ['an emoji with a variation selector', '❤\ufe0f'],
  ['a skin tone alone', '\u{1f3fd}'],
  ['one letter of a flag', '\u{1f1e9}'],
  ['the flag of Scotland, which is made of tags', '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
  ['a Hangul letter alone', 'ㄱ'],
  ['a syllable whose vowel is a filler', 'ᄀ\u1160'],
  ['a Braille cell with a dot', '⠁'],
  ['a combining mark alone', '\u0301'],
  ['an Arabic number sign, a format character that is drawn', '\u0600'],
  ['the end of an ayah, another', '\u06dd'],
  ['a private character, which a font may draw', '\ue000'],
  ['the replacement character', '\ufffd'],
  ['a code point without a character so far', '\u{2fffd}'],
  ['a visible space', '␠'],
  ['a kashida', 'ـ'],
])('%s is not', (_what, text) => expect(isBlank(text)).toBe(false));

test('any mix of invisible characters is blank, and with one letter in it is not', () => {
  fc.assert(
    fc.property(invisibleText, invisibleText, (before, after) => {
      expect(isBlank(`${before} ${after}`)).toBe(true);
      expect(isBlank(`${before}x${after}`)).toBe(false);
    }),
  );
});
