import { createBertNormalizer } from './bert-normalizer';

const options = { clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true };
const normalize = createBertNormalizer(options);

test.each([
  ['lowers letters and drops accents', 'Über CAFÉ', 'uber cafe'],
  ['lowers each letter by itself, also at the end of a word', 'ΟΔΟΣ', 'οδοσ'],
  ['drops controls and the replacement character', 'a\u0000b\ufffd\u200bc', 'abc'],
  ['makes one kind of white space', 'a\tb\u00a0c\u2028d', 'a b c d'],
  ['sets ideographs apart, those beyond U+FFFF too', 'x字\u{20000}y', 'x 字  \u{20000} y'],
])('%s', (_promise, text, normal) => expect(normalize(text)).toBe(normal));

test('leaves case and accents where the tokenizer says so', () => {
  expect(createBertNormalizer({ ...options, lowercase: false })('Über')).toBe('Über');
});
