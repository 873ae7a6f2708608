import { readFixtureTokenizer } from '../testing/fixtures';
import { createPrecompiledNormalizer } from './precompiled-normalizer';
import { TokenizerError } from './tokenizer-json';

const { json } = readFixtureTokenizer('tiny-xlmr', '1');
const [table] = (json as { normalizer: { normalizers: { precompiled_charsmap: string }[] } }).normalizer.normalizers;
const normalize = createPrecompiledNormalizer(table?.precompiled_charsmap ?? '');

test('replaces characters by what the map says', () => {
  expect(normalize('ﬁne ㍑ Ⅷ\u3000ｱ\u200b!')).toBe('fine リットル VIII ア !');
  expect(normalize('plain text, 文字。')).toBe('plain text, 文字。');
});

test('replaces a short grapheme whole by its first known part, and takes a long one character by character', () => {
  expect(normalize('e\u0301')).toBe('é');
  // 5 bytes and 7
  expect(normalize('ﬁ\u0301')).toBe('fi');
  expect(normalize('ﬁ\u0301\u0301')).toBe('fi\u0301\u0301');
});

test.each(['', 'AAAA', 'EAAAAA=='])('refuses a map that is damaged: %j', (charsmap) => {
  expect(() => createPrecompiledNormalizer(charsmap)).toThrow(TokenizerError);
});
